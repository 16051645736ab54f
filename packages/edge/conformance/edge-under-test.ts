import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { createTestAuthority } from '@holdfast/testkit'
import type { TestAuthority, TestCertificate } from '@holdfast/testkit'
import { createEdge } from '../src/create-edge.ts'
import type { Edge } from '../src/create-edge.ts'
import type { Clock } from '@holdfast/core'
import type { EdgeLimits, ListenerOptions, TlsListenerOptions, TlsNameOptions } from '../src/edge-options.ts'
import type { EdgeEvent, Exchange } from '../src/exchange.ts'

/** What the edge under test answers to a request that it lets through. */
export interface Echo {
  readonly listener: string
  readonly host: string
  readonly role: string
  readonly url: string
  readonly body: string
  readonly thumbprint: string | null
  readonly chain: number | null
  readonly source: { readonly kind: string; readonly resumed?: boolean; readonly verdict?: string } | null
  readonly certificateRefusal: { readonly reason: string } | null
  readonly remoteAddress: string | null
  readonly tls: {
    readonly protocol: string
    readonly serverName: string
    readonly resumed: boolean
    readonly alpn?: string
  } | null
  readonly headerNames: readonly string[]
}

export interface Answer {
  readonly status: number
  readonly head: string
  readonly text: string
  /** The echo; throws when the answer is something else. */
  readonly echo: Echo
}

export interface EdgeUnderTest {
  readonly edge: Edge
  readonly events: EdgeEvent[]
  readonly port: (listener?: string) => number
  /** The events' reasons, each once. */
  readonly reasons: () => string[]
}

export interface Names {
  readonly authority: TestAuthority
  readonly client: TestCertificate
  readonly login: TlsNameOptions
  readonly mtls: TlsNameOptions
}

/** An authority, a client with a certificate of it, and the two names that most tests need. */
export function makeNames(): Names {
  const authority = createTestAuthority()
  return {
    authority,
    client: authority.issue({ commonName: 'client' }),
    login: { serverName: 'login.test', role: 'main', ...identity(authority.issueServer(['login.test'])) },
    mtls: { serverName: 'mtls.login.test', role: 'mtls', ...identity(authority.issueServer(['mtls.login.test'])) },
  }
}

export function identity(certificate: TestCertificate): { readonly certificate: string; readonly key: string } {
  return { certificate: certificate.chainPem, key: certificate.keyPem }
}

export function tlsOn(names: readonly TlsNameOptions[], more: Partial<TlsListenerOptions> = {}): TlsListenerOptions {
  return { kind: 'tls', name: 'public', address: { host: '127.0.0.1', port: 0 }, names, ...more }
}

/** Starts an edge that echoes, and stops it after the test. */
export async function startEdge(
  t: TestContext,
  listeners: readonly ListenerOptions[],
  limits: Partial<EdgeLimits> = {},
  handler: (exchange: Exchange) => void = echo,
  clock?: Clock,
): Promise<EdgeUnderTest> {
  const events: EdgeEvent[] = []
  const edge = await createEdge({
    listeners,
    limits,
    handler,
    observe: (event) => events.push(event),
    ...(clock === undefined ? {} : { clock }),
  })
  t.after(() => edge.close(0))
  return {
    edge,
    events,
    port(listener) {
      const found = listener === undefined ? edge.listeners[0] : edge.listeners.find(({ name }) => name === listener)
      if (found?.port === undefined) throw new Error(`no port for ${listener}`)
      return found.port
    },
    reasons: () => [
      ...new Set(events.flatMap((event) => ('refusal' in event ? [event.refusal.reason] : [event.event]))),
    ],
  }
}

export function echo(exchange: Exchange): void {
  const { request, response, certificate } = exchange
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = JSON.stringify({
      listener: exchange.listener,
      host: exchange.host,
      role: exchange.role,
      url: request.url,
      body: Buffer.concat(chunks).toString(),
      thumbprint: certificate?.thumbprint ?? null,
      chain: certificate?.chain.length ?? null,
      source: certificate?.source ?? null,
      certificateRefusal: exchange.certificateRefusal ?? null,
      remoteAddress: exchange.remoteAddress ?? null,
      tls: exchange.tls ?? null,
      headerNames: [...Object.keys(request.headers), ...request.rawHeaders.filter((_, index) => index % 2 === 0)],
    })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  })
}

export interface Target {
  readonly port?: number
  readonly path?: string
  /** Options of the TLS connection; without them there is none. */
  readonly tls?: ConnectionOptions
}

/** TLS options of a client that knows the authority, and presents the certificate when one is given. */
export function clientTls(names: Names, serverName: string, certificate?: TestCertificate): ConnectionOptions {
  return {
    servername: serverName,
    ca: names.authority.rootPem,
    checkServerIdentity: () => undefined,
    ...(certificate === undefined ? {} : { cert: certificate.chainPem, key: certificate.keyPem }),
  }
}

/** Opens a connection; the promise rejects with what the handshake says. */
export async function open({ port, path, tls }: Target): Promise<Socket> {
  if (tls === undefined) {
    const socket = path === undefined ? connectTcp({ port: port ?? 0, host: '127.0.0.1' }) : connectTcp({ path })
    await once(socket, 'connect')
    return socket
  }
  const socket = connectTls({ ...(path === undefined ? { port, host: '127.0.0.1' } : { path }), ...tls })
  await once(socket, 'secureConnect')
  return socket
}

/** Sends an HTTP/1.1 request as it is written and reads the answer until the connection closes. */
export async function http1(target: Target, request: string): Promise<Answer> {
  const socket = await open(target)
  return exchange1(socket, request)
}

export async function exchange1(socket: Socket | TLSSocket, request: string): Promise<Answer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('close', () => resolve())
    socket.once('error', (error) => (chunks.length > 0 ? resolve() : reject(error as Error)))
  })
  socket.write(request)
  await closed
  const text = Buffer.concat(chunks).toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  return answer(Number(text.slice(9, 12)), text.slice(0, end), text.slice(end + 4))
}

/** A GET with these header lines, that asks for the connection to be closed. */
export function get(host: string, lines: readonly string[] = [], path = '/'): string {
  return [`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...lines, '', ''].join('\r\n')
}

/** Opens an HTTP/2 session over TLS. */
export async function openHttp2(t: TestContext, target: Target): Promise<ClientHttp2Session> {
  const socket = await open({ ...target, tls: { ALPNProtocols: ['h2'], ...target.tls } })
  const session = connectHttp2('https://unused.test', { createConnection: () => socket })
  session.on('error', () => undefined)
  t.after(() => session.destroy())
  return session
}

export async function http2(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body = ''): Promise<Answer> {
  const stream = session.request(headers, { endStream: body === '' })
  if (body !== '') stream.end(body)
  let status = 0
  const chunks: Buffer[] = []
  stream.on('response', (received) => (status = received[':status'] ?? 0))
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'close')
  return answer(status, '', Buffer.concat(chunks).toString())
}

function answer(status: number, head: string, text: string): Answer {
  return {
    status,
    head,
    text,
    get echo() {
      if (status !== 200) throw new Error(`status ${status}: ${text}`)
      return JSON.parse(text) as Echo
    },
  }
}

/** Waits until a condition holds; for things that happen on the other side of a socket. */
export async function until(condition: () => boolean, within = 5_000): Promise<void> {
  const end = Date.now() + within
  while (!condition()) {
    if (Date.now() > end) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Waits until somebody takes connections at a socket: the file is there a moment before. `gone`: nobody will. */
export async function untilTaken(path: string, gone: () => boolean, within = 5_000): Promise<void> {
  const deadline = Date.now() + within
  while (!gone()) {
    const taken = await new Promise<boolean>((resolve) => {
      const socket = connectTcp({ path }, () => resolve(true)).on('error', () => resolve(false))
      socket.once('close', () => resolve(false)).on('connect', () => socket.destroy())
    })
    if (taken) return
    if (Date.now() > deadline) throw new Error(`nobody takes connections at ${path}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
