import type { CertificateHeaderFormat, ReverseProxyLimits } from '@holdfast/edge/reverse-proxy'
import { listenAddress } from '@holdfast/server'
import type { ConfigurationDocument, ConfigurationProblem } from '@holdfast/server'
import { resolve } from 'node:path'
import type { EdgeConfiguration, EdgeHost, EdgeIdentity, EdgeUpstream } from './edge-configuration.ts'
import { settingsReader } from './settings-reader.ts'
import type { Path, SettingsReader } from './settings-reader.ts'

export type EdgeResolution =
  | { readonly ok: true; readonly value: EdgeConfiguration }
  | { readonly ok: false; readonly problems: readonly ConfigurationProblem[] }

/** Turns a document, or what the flags said in its form, into settings; all problems at once, paths from `folder`. */
export function resolveEdge(data: unknown, folder: string, lineOf: ConfigurationDocument['lineOf']): EdgeResolution {
  const read = settingsReader(lineOf)
  const file = read.object([], data, topKeys)
  const tls = identity(read, ['tls'], file['tls'], folder)
  const upstream =
    file['upstream'] === undefined ? undefined : readUpstream(read, ['upstream'], file['upstream'], folder)
  const header = read.choice(['header'], file['header'], headerFormats) ?? 'rfc9440'
  const listen = read.list(['listen'], file['listen']).map((value, index) => readListen(read, ['listen', index], value))
  if (file['listen'] === undefined) read.report(['listen'], 'missing', 'listen: ":443"')

  const written = Object.entries(read.object(['hosts'], file['hosts'] ?? {}, undefined))
  if (written.length === 0) read.report(['hosts'], 'missing', 'hosts: { login.example.com: { role: main }, … }')
  const hosts = written.flatMap(([name, value]) => {
    const host = readHost(read, name, value, { tls, upstream, header }, folder)
    return host === undefined ? [] : [host]
  })
  const withoutServerName =
    read.choice(['without-server-name'], file['without-server-name'], ['refuse', 'main']) ?? 'refuse'
  if (withoutServerName === 'main' && !hosts.some(({ role }) => role === 'main')) {
    read.report(['without-server-name'], 'no host has the role main')
  }
  const protocol = read.choice(['proxy-protocol'], file['proxy-protocol'], ['off', 'v1', 'v2', 'v1-or-v2']) ?? 'off'
  const limits = readLimits(read, file['limits'])
  if (read.problems.length > 0) return { ok: false, problems: read.problems }
  return {
    ok: true,
    value: {
      listen: listen.filter((address) => address !== undefined),
      hosts,
      withoutServerName,
      proxyProtocol: protocol === 'off' ? undefined : protocol,
      limits,
    },
  }
}

function readListen(read: SettingsReader, at: Path, value: unknown): EdgeConfiguration['listen'][number] | undefined {
  const address = listenAddress(read.text(at, value) ?? '')
  if (address?.kind === 'tcp') return { host: address.host, port: address.port }
  return read.report(at, 'not an address', 'HOST:PORT, [IPV6]:PORT or :PORT')
}

function readHost(
  read: SettingsReader,
  name: string,
  value: unknown,
  common: {
    readonly tls: EdgeIdentity | undefined
    readonly upstream: EdgeUpstream | undefined
    readonly header: CertificateHeaderFormat
  },
  folder: string,
): EdgeHost | undefined {
  const at = ['hosts', name]
  const file = read.object(at, value, hostKeys)
  if (name !== name.toLowerCase() || name.includes(':')) read.report(at, 'not a host name in lower case')
  const role = read.choice([...at, 'role'], file['role'], ['main', 'mtls'])
  if (file['role'] === undefined) read.report([...at, 'role'], 'missing', 'main for people, mtls for certificates')
  const tls = file['tls'] === undefined ? common.tls : identity(read, [...at, 'tls'], file['tls'], folder)
  if (tls === undefined && file['tls'] === undefined) {
    read.report([...at, 'tls'], 'no certificate for this host', 'tls: { certificate: …, key: … } here or at the top')
  }
  const own = file['upstream']
  const upstream = own === undefined ? common.upstream : readUpstream(read, [...at, 'upstream'], own, folder)
  if (upstream === undefined && own === undefined) {
    read.report([...at, 'upstream'], 'nothing stands behind this host', 'upstream: http://127.0.0.1:3000')
  }
  const header = read.choice([...at, 'header'], file['header'], headerFormats) ?? common.header
  if (role === 'main' && file['header'] !== undefined) {
    read.report([...at, 'header'], 'a main host never has a certificate to hand on', 'leave it out')
  }
  return role === undefined || tls === undefined || upstream === undefined
    ? undefined
    : { name, role, tls, upstream, header }
}

function readUpstream(read: SettingsReader, at: Path, value: unknown, folder: string): EdgeUpstream | undefined {
  const file = typeof value === 'string' ? { url: value } : read.object(at, value, upstreamKeys)
  const urlAt = typeof value === 'string' ? at : [...at, 'url']
  const url = read.text(urlAt, file['url'])
  if (url === undefined) return file['url'] === undefined ? read.report(urlAt, 'missing', upstreamForms) : undefined
  const place = upstreamPlace(url)
  if (place === undefined) return read.report(urlAt, 'not an upstream', upstreamForms)
  const path = (key: string): string | undefined => {
    const text = read.text([...at, key], file[key])
    return text === undefined ? undefined : resolve(folder, text)
  }
  const [ca, certificate, key, secretFile] = [path('ca'), path('certificate'), path('key'), path('secret-file')]
  const serverName = read.text([...at, 'server-name'], file['server-name'])
  if (!place.tls) {
    for (const name of ['ca', 'certificate', 'key', 'server-name']) {
      if (file[name] !== undefined) read.report([...at, name], 'means something for https:// only')
    }
  }
  if ((certificate === undefined) !== (key === undefined)) {
    read.report(at, 'certificate and key belong together')
  }
  const header = read.text([...at, 'secret-header'], file['secret-header']) ?? 'Holdfast-Proxy-Secret'
  if (!/^[A-Za-z0-9-]{1,64}$/.test(header)) read.report([...at, 'secret-header'], 'not a header name')
  return {
    address:
      place.address.kind === 'unix' ? { kind: 'unix', path: resolve(folder, place.address.path) } : place.address,
    serverName: place.tls ? (serverName ?? place.host) : undefined,
    ca,
    identity: certificate === undefined || key === undefined ? undefined : { certificate, key },
    secret: secretFile === undefined ? undefined : { header, file: secretFile },
  }
}

function upstreamPlace(
  text: string,
): { readonly address: EdgeUpstream['address']; readonly tls: boolean; readonly host: string } | undefined {
  if (text.startsWith('unix:')) {
    const address = listenAddress(text)
    return address === undefined ? undefined : { address, tls: false, host: '' }
  }
  if (!/^https?:\/\/[^/?#@\s]+\/?$/.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const tls = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return { address: { kind: 'tcp', host, port: Number(url.port || (tls ? 443 : 80)) }, tls, host }
}

function identity(read: SettingsReader, at: Path, value: unknown, folder: string): EdgeIdentity | undefined {
  if (value === undefined) return undefined
  const file = read.object(at, value, ['certificate', 'key'])
  const [certificate, key] = ['certificate', 'key'].map((name) => {
    if (file[name] === undefined) read.report([...at, name], 'missing', 'path of a PEM file')
    return read.text([...at, name], file[name])
  })
  if (certificate === undefined || key === undefined) return undefined
  return { certificate: resolve(folder, certificate), key: resolve(folder, key) }
}

function readLimits(read: SettingsReader, value: unknown): Partial<ReverseProxyLimits> {
  const file = read.object(['limits'], value ?? {}, Object.keys(limitKeys))
  const limits: { -readonly [Name in keyof ReverseProxyLimits]?: number } = {}
  for (const [key, { name, unit }] of Object.entries(limitKeys)) {
    const number = read.number(['limits', key], file[key], unit)
    if (number !== undefined) limits[name] = number
  }
  return limits
}

const limitKeys: {
  readonly [key: string]: { readonly name: keyof ReverseProxyLimits; readonly unit: 'seconds' | 'count' }
} = {
  'connect-timeout': { name: 'connectTimeout', unit: 'seconds' },
  'upstream-timeout': { name: 'upstreamTimeout', unit: 'seconds' },
  'upstream-keep-alive': { name: 'upstreamKeepAlive', unit: 'seconds' },
  'websocket-timeout': { name: 'webSocketTimeout', unit: 'seconds' },
  'upstream-connections': { name: 'maxUpstreamConnections', unit: 'count' },
  requests: { name: 'maxRequests', unit: 'count' },
  'body-bytes': { name: 'maxBodyBytes', unit: 'count' },
}
const topKeys = ['listen', 'tls', 'hosts', 'upstream', 'header', 'without-server-name', 'proxy-protocol', 'limits']
const hostKeys = ['role', 'tls', 'upstream', 'header']
const upstreamKeys = ['url', 'ca', 'certificate', 'key', 'server-name', 'secret-file', 'secret-header']
const headerFormats = ['rfc9440', 'nginx'] as const
const upstreamForms = 'http://HOST:PORT, https://HOST:PORT or unix:/path/of/socket'
