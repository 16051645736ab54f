import { once } from 'node:events'
import { chmod, lstat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import type { Server } from 'node:net'
import type { Clock } from '@holdfast/core'
import { certificateHeaderSettings, headerName } from './certificate-header-settings.ts'
import { defaultEdgeLimits } from './edge-options.ts'
import type {
  EdgeLimits,
  EdgeOptions,
  ListenerOptions,
  PlainHostOptions,
  PlainListenerOptions,
  ProxyCertificateOptions,
  TlsListenerOptions,
  TlsNameCertificate,
  TlsNameOptions,
  UnixAddress,
} from './edge-options.ts'
import type { ConnectionRefusal, EdgeEvent } from './exchange.ts'
import { certificateHeaderReader } from './header/certificate-header-reader.ts'
import type { HeaderNames } from './header/header-lines.ts'
import type { ServedHost, ServedPath } from './host-rule.ts'
import { httpFront } from './http-front.ts'
import type { HttpFront } from './http-front.ts'
import { plainListener } from './plain-listener.ts'
import { thumbprintText } from './proxy-certificate.ts'
import { proxySecret, trustedAddresses } from './proxy-proof.ts'
import { proxyTls } from './proxy-tls.ts'
import type { ProxyTls } from './proxy-tls.ts'
import { requestGate } from './request-gate.ts'
import type { Connection, RequestGateSettings } from './request-gate.ts'
import { serverName } from './server-name.ts'
import { tlsListener } from './tls-listener.ts'
import type { TlsListener } from './tls-listener.ts'

/** A running edge. */
export interface Edge {
  /** In the order of the options. */
  readonly listeners: readonly RunningListener[]
  /** New connections to this TLS name get this certificate; throws, and changes nothing, when it is unusable. */
  replaceCertificate(listener: string, serverName: string, identity: TlsNameCertificate): void
  /** The same on a listener whose proxy proves itself by a certificate. */
  replaceListenerCertificate(listener: string, identity: TlsNameCertificate): void
  /** No session of this TLS name is resumed any more: to be called when what a certificate must meet has changed. */
  forgetSessions(listener: string, serverName: string): void
  /** Takes no more connections, lets running requests end, and closes what is left after `within` milliseconds. */
  close(within?: number): Promise<void>
}

export interface RunningListener {
  readonly name: string
  /** The port that is listened on; `undefined` for a Unix socket. */
  readonly port: number | undefined
  readonly path: string | undefined
}

/**
 * Starts the edge: every listener, or none.
 *
 * Rejects with a `TypeError` that names the option, or with the error of the system when an address cannot be taken.
 */
export async function createEdge(options: EdgeOptions): Promise<Edge> {
  const limits: EdgeLimits = { ...defaultEdgeLimits, ...options.limits }
  const observe = options.observe ?? ignore
  let closing = false
  const made = options.listeners.map((listener, index) =>
    makeListener(listener, `listeners[${index}]`, options, limits, observe, () => closing),
  )
  const repeated = options.listeners.find((listener, index) =>
    options.listeners.some((other, before) => before < index && other.name === listener.name),
  )
  if (repeated !== undefined) throw new TypeError(`listeners: two are called "${repeated.name}"`)

  try {
    for (const listener of made) await listen(listener)
  } catch (error) {
    for (const listener of made) listener.stop()
    throw error
  }
  for (const { options: listener } of made) {
    if (listener.kind === 'plain' && listener.proof !== undefined && 'dangerouslyTrustedAddresses' in listener.proof) {
      observe({ event: 'trust_lowered', listener: listener.name, option: 'dangerouslyTrustedAddresses' })
    }
  }

  function tlsNamed(listenerName: string): TlsListener {
    const found = made.find((listener) => listener.options.name === listenerName)?.tls
    if (found === undefined) throw new TypeError(`edge: no TLS listener is called "${listenerName}"`)
    return found
  }

  return {
    listeners: made.map((listener) => running(listener)),
    replaceCertificate(listener, name, identity) {
      tlsNamed(listener).replaceCertificate(name, identity)
    },
    replaceListenerCertificate(name, identity) {
      const found = made.find((listener) => listener.options.name === name)?.proxyTls
      if (found === undefined) throw new TypeError(`edge: no listener called "${name}" has a certificate of its own`)
      found.replaceCertificate(identity)
    },
    forgetSessions(listener, name) {
      tlsNamed(listener).forgetSessions(name)
    },
    async close(within = defaultDrain) {
      closing = true
      const closed = made.map(async ({ server, front, tls, proxyTls }) => {
        const done = server.listening ? once(server, 'close') : Promise.resolve()
        server.close()
        tls?.destroyHandshakes()
        proxyTls?.destroyHandshakes()
        front.drain()
        await done
      })
      const late = setTimeout(() => {
        for (const listener of made) listener.stop()
      }, within)
      await Promise.all(closed)
      clearTimeout(late)
      for (const { front } of made) front.destroy()
    },
  }
}

interface MadeListener {
  readonly options: ListenerOptions
  readonly server: Server
  readonly front: HttpFront
  readonly tls: TlsListener | undefined
  readonly proxyTls: ProxyTls | undefined
  stop(): void
}

function makeListener(
  listener: ListenerOptions,
  path: string,
  options: EdgeOptions,
  limits: EdgeLimits,
  observe: (event: EdgeEvent) => void,
  closing: () => boolean,
): MadeListener {
  const refused = (remoteAddress: string | undefined, refusal: ConnectionRefusal): void => {
    observe({ event: 'connection_refused', listener: listener.name, remoteAddress, refusal })
  }
  const malformed = (connection: Connection | undefined, code: string): void => {
    refused(connection?.remoteAddress, { reason: 'http_malformed', code })
  }
  const { handler, refusalHandler } = options
  const clock = options.clock ?? systemClock
  const common = {
    listener: listener.name,
    handler,
    refusalHandler,
    observe,
    closing,
    now: () => clock.now(),
    strangeCertificateHeaders: options.strangeCertificateHeaders ?? 'refused',
  }
  const upgrades = options.upgrades ?? 'ignored'

  if (listener.kind === 'tls') {
    checkTlsListener(listener, path)
    const settings: RequestGateSettings = {
      ...common,
      names: noHeaderNames,
      reader: undefined,
      secret: undefined,
      defaultPort: 443,
    }
    const front = httpFront(requestGate(settings), limits, limits.maxHeaderSize, upgrades, malformed)
    const tls: TlsListener = tlsListener(
      listener,
      (name) => servedTlsName(name, listener, options.listeners, () => portOf(tls.server)),
      limits,
      front,
      refused,
    )
    return made(listener, tls.server, front, tls, undefined)
  }

  const { names, reader, secret, trusted } = plainSettings(listener, path)
  const served = servedPlainHosts(listener, path)
  // A Host without a port came through a proxy whose public port is the ordinary one.
  const settings: RequestGateSettings = { ...common, names, reader, secret, defaultPort: 443 }
  const front = httpFront(requestGate(settings), limits, limits.maxHeaderSizeBehindProxy, upgrades, malformed)
  const { proof } = listener
  const own =
    proof !== undefined && 'proxyCertificate' in proof
      ? proxyTls(proof.tls, checkedProxyCertificate(proof.proxyCertificate, `${path}.proof`), limits, refused)
      : undefined
  return made(listener, plainListener(listener, served, trusted, own, limits, front, refused), front, undefined, own)
}

function made(
  options: ListenerOptions,
  server: Server,
  front: HttpFront,
  tls: TlsListener | undefined,
  proxyTls: ProxyTls | undefined,
): MadeListener {
  return {
    options,
    server,
    front,
    tls,
    proxyTls,
    stop() {
      server.close()
      tls?.destroyHandshakes()
      proxyTls?.destroyHandshakes()
      front.destroy()
    },
  }
}

function checkTlsListener(listener: TlsListenerOptions, path: string): void {
  if (listener.names.length === 0) throw new TypeError(`${path}.names: a TLS listener needs at least one name`)
  const seen = new Set<string>()
  for (const [index, name] of listener.names.entries()) {
    const plain = hostName(name.serverName, `${path}.names[${index}].serverName`)
    if (plain !== name.serverName) {
      throw new TypeError(`${path}.names[${index}].serverName: must be written "${plain}"`)
    }
    if (seen.has(plain)) throw new TypeError(`${path}.names[${index}].serverName: "${plain}" stands here twice`)
    seen.add(plain)
  }
  if (typeof listener.otherwise === 'object') {
    const { main } = listener.otherwise
    const name = listener.names.find((candidate) => candidate.serverName === main)
    if (name?.role !== 'main') throw new TypeError(`${path}.otherwise.main: "${main}" is no main name of this listener`)
  }
}

function servedTlsName(
  name: TlsNameOptions,
  listener: TlsListenerOptions,
  all: readonly ListenerOptions[],
  boundPort: () => number | undefined,
): ServedHost {
  const elsewhere = all.some(
    (other) =>
      other !== listener &&
      other.kind === 'tls' &&
      other.names.some((theirs) => theirs.serverName === name.serverName && theirs.role !== name.role),
  )
  const { publicPort } = name
  return {
    host: name.serverName,
    role: name.role,
    get port() {
      return publicPort ?? (elsewhere ? boundPort() : undefined)
    },
    certificate: name.role === 'mtls' ? 'taken' : 'refused',
    below: undefined,
  }
}

function servedPlainHosts(listener: PlainListenerOptions, at: string): ReadonlyMap<string, ServedHost> {
  const served = new Map<string, ServedHost>()
  const paths = listener.hosts.filter(({ path }) => path !== undefined)
  for (const [index, options] of listener.hosts.entries()) {
    const host = hostName(options.host, `${at}.hosts[${index}].host`)
    if (options.path === undefined) served.set(host, servedPlainHost(options, host))
    else if (!/^(?:\/[A-Za-z0-9_~-]+)+$/.test(options.path)) throw new TypeError(`${at}.hosts[${index}].path: no path`)
  }
  for (const options of paths) {
    const host = hostName(options.host, `${at}.hosts`)
    const rest = served.get(host)
    if (rest?.below !== undefined) throw new TypeError(`${at}.hosts: two paths of "${host}"`)
    const below: ServedPath = {
      path: options.path ?? '',
      host: servedPlainHost(options, host),
      rest: rest === undefined ? 'elsewhere' : 'served',
    }
    served.set(host, { ...(rest ?? below.host), below })
  }
  return served
}

function servedPlainHost(options: PlainHostOptions, host: string): ServedHost {
  return {
    host,
    role: options.role,
    port: options.publicPort,
    certificate: options.certificate ?? (options.role === 'mtls' ? 'taken' : 'refused'),
    below: undefined,
  }
}

interface PlainSettings extends Pick<RequestGateSettings, 'names' | 'reader' | 'secret'> {
  readonly trusted: ((address: string) => boolean) | undefined
}

function plainSettings(listener: PlainListenerOptions, path: string): PlainSettings {
  const { proof, clientCertificate } = listener
  const unix = 'path' in listener.address
  if (listener.hosts.length === 0) throw new TypeError(`${path}.hosts: at least one host is needed`)
  if (!unix && proof === undefined && clientCertificate !== undefined) {
    throw new TypeError(`${path}.proof: a TCP listener that takes certificates from a header must know its proxy`)
  }
  if (!unix && proof === undefined && listener.clientAddressHeader !== undefined) {
    throw new TypeError(`${path}.clientAddressHeader: on TCP this needs a proof of the proxy`)
  }
  const certificate =
    clientCertificate === undefined
      ? undefined
      : certificateHeaderSettings(clientCertificate, `${path}.clientCertificate`)
  const byAddress = proof !== undefined && 'dangerouslyTrustedAddresses' in proof
  const trusted = byAddress ? trustedAddresses(proof.dangerouslyTrustedAddresses) : undefined
  if (byAddress && (trusted === undefined || proof.dangerouslyTrustedAddresses.length === 0)) {
    throw new TypeError(`${path}.proof.dangerouslyTrustedAddresses: addresses or prefixes are needed`)
  }
  const bySecret = proof !== undefined && 'secretHeader' in proof ? proof : undefined
  if (bySecret !== undefined) checkSecrets(bySecret.secrets, `${path}.proof.secrets`)
  const secretHeader =
    bySecret === undefined ? undefined : headerName(bySecret.secretHeader, `${path}.proof.secretHeader`)
  const names: HeaderNames = {
    certificate: certificate?.header,
    chain: certificate?.chainHeader,
    verdict: certificate?.verdictHeader,
    secret: secretHeader,
    clientAddress:
      listener.clientAddressHeader === undefined
        ? undefined
        : headerName(listener.clientAddressHeader, `${path}.clientAddressHeader`),
    companions: certificate?.format.companions ?? [],
  }
  return {
    names,
    reader: certificate === undefined ? undefined : certificateHeaderReader(certificate, 'vouched_apart'),
    secret: bySecret === undefined ? undefined : proxySecret(bySecret.secrets),
    trusted,
  }
}

function checkedProxyCertificate(options: ProxyCertificateOptions, path: string): ProxyCertificateOptions {
  if (!('thumbprints' in options)) return options
  const thumbprints = options.thumbprints.map((text, index) => {
    const thumbprint = thumbprintText(text)
    if (thumbprint === undefined) throw new TypeError(`${path}.proxyCertificate.thumbprints[${index}]: no SHA-256`)
    return thumbprint
  })
  if (thumbprints.length === 0) throw new TypeError(`${path}.proxyCertificate.thumbprints: at least one is needed`)
  return { thumbprints }
}

function checkSecrets(secrets: readonly string[], path: string): void {
  if (secrets.length < 1 || secrets.length > 2) throw new TypeError(`${path}: one secret, or two while rotating`)
  if (secrets.some((secret) => secret.length < shortestSecret || !/^[\x21-\x7e]+$/.test(secret))) {
    throw new TypeError(`${path}: at least ${shortestSecret} visible ASCII characters without blanks`)
  }
}

function hostName(text: string, path: string): string {
  const name = serverName(text)
  if (!name.ok) throw new TypeError(`${path}: "${text}" is no host name (${name.failure.detail})`)
  return name.value
}

async function listen({ options, server }: MadeListener): Promise<void> {
  const { address } = options
  if ('path' in address) {
    await removeStaleSocket(address)
    server.listen({ path: address.path })
    await once(server, 'listening')
    // Until here only the owner can connect: that takes the right to write.
    await chmod(address.path, address.mode ?? 0o660)
    return
  }
  server.listen({ host: address.host, port: address.port })
  await once(server, 'listening')
}

/** Removes the file of a listener that was killed; leaves one alone on which somebody answers. */
async function removeStaleSocket({ path }: UnixAddress): Promise<void> {
  const file = await lstat(path).catch(() => undefined)
  if (file?.isSocket() !== true) return
  const probe = connect(path)
  const alive = await Promise.race([
    once(probe, 'connect').then(() => true),
    once(probe, 'error').then(() => false),
  ]).catch(() => false)
  probe.destroy()
  if (!alive) await unlink(path)
}

function running({ options, server }: MadeListener): RunningListener {
  const { address } = options
  return { name: options.name, port: portOf(server), path: 'path' in address ? address.path : undefined }
}

function portOf(server: Server): number | undefined {
  const address = server.address()
  return typeof address === 'object' ? address?.port : undefined
}

function ignore(): void {
  // Nobody asked to be told.
}

const systemClock: Clock = { now: () => Math.floor(Date.now() / 1000) }

const noHeaderNames: HeaderNames = {
  certificate: undefined,
  chain: undefined,
  verdict: undefined,
  secret: undefined,
  clientAddress: undefined,
  companions: [],
}
/** Running token requests take milliseconds; who stops a server waits no longer than this. */
const defaultDrain = 10_000
/** 32 characters of base64 carry 192 bits. */
const shortestSecret = 32
