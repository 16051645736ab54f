import { createReverseProxy } from '@holdfast/edge/reverse-proxy'
import type {
  ReverseProxy,
  ReverseProxyEvent,
  ReverseProxyListener,
  UpstreamOptions,
} from '@holdfast/edge/reverse-proxy'
import { unwatchFile, watchFile } from 'node:fs'
import { CommandError } from '../command-error.ts'
import { untilStopped } from '../deployment/until-stopped.ts'
import type { EdgeOptions } from '../program/edge.ts'
import { started } from '../serve/serve.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import type { EdgeConfiguration, EdgeHost, EdgeUpstream } from './edge-configuration.ts'
import { eventText } from './event-text.ts'
import { readEdgeConfiguration } from './read-edge-configuration.ts'
import { readIdentity, readSecret, readText } from './read-material.ts'

/** `holdfast edge`: ends TLS in front of an application until it is stopped; SIGHUP and changed files renew certificates. */
export async function edge(options: EdgeOptions, terminal: Terminal): Promise<ExitCode> {
  const configuration = readEdgeConfiguration(options, terminal)
  const listeners = edgeListeners(configuration)
  if (options.check === true) {
    if (terminal.json)
      terminal.printJson({ ok: true, hosts: configuration.hosts.map(({ name, role }) => ({ name, role })) })
    else terminal.print('the configuration is right')
    return 0
  }
  const stopped = untilStopped()
  const note = limitedNotes(terminal)
  const observe = (event: ReverseProxyEvent): void => {
    const text = eventText(event)
    if (text !== undefined) note(terminal.json ? JSON.stringify(event) : `holdfast: ${text}`)
  }
  const proxy = await started(
    () =>
      createReverseProxy({ listeners, limits: configuration.limits, observe }).catch((cause: unknown) => {
        if (cause instanceof TypeError) throw new CommandError('wrong_use', cause.message, { cause })
        throw cause
      }),
    options.config ?? 'flags',
  )
  const renewal = renewCertificates(proxy, configuration, terminal)
  try {
    const listening = proxy.listeners.map(({ port }, index) => {
      const host = configuration.listen[index]?.host ?? ''
      return `${host.includes(':') ? `[${host}]` : host}:${port ?? 0}`
    })
    if (terminal.json)
      terminal.printJson({ listening, hosts: configuration.hosts.map(({ name }) => name), pid: process.pid })
    terminal.note(
      `holdfast: edge for ${configuration.hosts.map(({ name }) => name).join(', ')}, listening on ${listening.join(', ')}`,
    )
    await stopped
    terminal.note('holdfast: stopping')
    return 0
  } finally {
    renewal.stop()
    await proxy.close()
  }
}

function edgeListeners(configuration: EdgeConfiguration): readonly ReverseProxyListener[] {
  const upstreams = new Map<EdgeUpstream, UpstreamOptions>()
  const names = configuration.hosts.map((host) => {
    const upstream = upstreams.get(host.upstream) ?? upstreamOptions(host.upstream)
    upstreams.set(host.upstream, upstream)
    return {
      serverName: host.name,
      role: host.role,
      ...readIdentity(host.tls, host.name),
      upstream,
      certificateHeader: host.header,
    }
  })
  const main = configuration.hosts.find(({ role }) => role === 'main')?.name
  return configuration.listen.map((address, index) => ({
    name: listenerName(index),
    address,
    names,
    ...(configuration.withoutServerName === 'main' && main !== undefined ? { otherwise: { main } } : {}),
    ...(configuration.proxyProtocol === undefined ? {} : { proxyProtocol: configuration.proxyProtocol }),
  }))
}

function upstreamOptions({ address, serverName, ca, identity, secret }: EdgeUpstream): UpstreamOptions {
  return {
    address: address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port },
    ...(serverName === undefined
      ? {}
      : {
          tls: {
            serverName,
            ...(ca === undefined ? {} : { ca: readText(ca) }),
            ...(identity === undefined ? {} : { identity: readIdentity(identity) }),
          },
        }),
    ...(secret === undefined ? {} : { secret: { header: secret.header, value: readSecret(secret.file) } }),
  }
}

function renewCertificates(
  proxy: ReverseProxy,
  configuration: EdgeConfiguration,
  terminal: Terminal,
): { readonly stop: () => void } {
  const current = new Map(configuration.hosts.map((host) => [host, JSON.stringify(readIdentity(host.tls))]))
  const renew = (host: EdgeHost): void => {
    try {
      const identity = readIdentity(host.tls, host.name)
      const text = JSON.stringify(identity)
      if (current.get(host) === text) return
      for (const index of configuration.listen.keys())
        proxy.replaceCertificate(listenerName(index), host.name, identity)
      current.set(host, text)
      terminal.note(`holdfast: ${host.name} has a new certificate`)
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      terminal.complain(
        `the certificate of ${host.name} was not taken over: ${problem}`,
        'the one of before is still in use',
      )
    }
  }
  const renewAll = (): void => {
    for (const host of configuration.hosts) renew(host)
  }
  const files = new Set(configuration.hosts.flatMap(({ tls }) => [tls.certificate, tls.key]))
  let soon: NodeJS.Timeout | undefined
  // Certificate and key change one after the other: both are read when neither changes any more.
  const changed = (): void => {
    clearTimeout(soon)
    soon = setTimeout(renewAll, settleMilliseconds)
  }
  // By looking, not by events: those follow neither the links of Kubernetes nor a network file system.
  for (const file of files) watchFile(file, { interval: watchMilliseconds }, changed)
  process.on('SIGHUP', renewAll)
  return {
    stop() {
      process.removeListener('SIGHUP', renewAll)
      clearTimeout(soon)
      for (const file of files) unwatchFile(file, changed)
    },
  }
}

/** Notes what happens, but no more than a person could read. */
function limitedNotes(terminal: Terminal): (text: string) => void {
  let second = 0
  let count = 0
  return (text) => {
    const now = Math.floor(Date.now() / 1000)
    if (now !== second) {
      if (count > mostNotes) terminal.note(`holdfast: ${count - mostNotes} more in that second`)
      second = now
      count = 0
    }
    if (++count <= mostNotes) terminal.note(text)
  }
}

function listenerName(index: number): string {
  return `listen[${index}]`
}

const watchMilliseconds = 2_000
const settleMilliseconds = 500
/** Per second. */
const mostNotes = 20
