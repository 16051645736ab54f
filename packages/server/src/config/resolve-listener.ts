import { isIP } from 'node:net'
import { certificateHeaderPresets, thumbprintText } from '@holdfast/edge'
import type { CertificateHeaderPresetName } from '@holdfast/edge'
import { parseSubjectAltName } from '@holdfast/x509'
import type {
  ClientCertificateConfiguration,
  HostConfiguration,
  ListenerConfiguration,
  ProxyProof,
  TlsConfiguration,
} from './configuration.ts'
import type { ClientCertificateFile, ListenerFile, TlsFile } from './configuration-file.ts'
import { formatPath } from './configuration-problem.ts'
import { listenAddress } from './listen-address.ts'
import { nearestName } from './nearest-name.ts'
import type { Resolution } from './resolution.ts'

/** One listener, with the rules about which hosts and certificates it may take. */
export function resolveListener(
  listener: ListenerFile,
  index: number,
  hosts: ReadonlyMap<string, HostConfiguration>,
  trust: readonly string[],
  here: Resolution,
): ListenerConfiguration {
  const at = ['listeners', index]
  const address = listenAddress(listener.address)
  if (address === undefined) {
    here.report([...at, 'address'], 'not an address', 'HOST:PORT, [IPV6]:PORT or unix:/path/of/socket')
  }
  const names = (listener.hosts ?? [...hosts.keys()]).map((name) => name.toLowerCase())
  for (const [position, name] of names.entries()) {
    if (hosts.has(name)) continue
    const near = nearestName(name, hosts.keys())
    here.report([...at, 'hosts', position], `${name} is not in hosts`, near && `did you mean ${near}?`)
  }
  const served = names.filter((name) => hosts.has(name))
  const unix = address?.kind === 'unix'
  const file = listener['client-certificate']
  const clientCertificate = file && resolveClientCertificate(file, [...at, 'client-certificate'], unix, trust, here)
  const behindProxy = listener.tls === undefined || file?.['proxy-certificate'] !== undefined
  if (!behindProxy) {
    checkTlsListener(listener, at, unix, served, hosts, here)
  } else if (listener.tls === undefined && file?.['proxy-certificate'] !== undefined) {
    here.report(
      [...at, 'client-certificate', 'proxy-certificate'],
      'needs the tls of the listener, over which the proxy shows its certificate',
      'tls: { certificate: …, key: … } beside it',
    )
  } else if (listener.tls !== undefined && unix) {
    here.report([...at, 'tls'], 'a Unix socket has no TLS', 'leave tls out, or listen on HOST:PORT')
  } else if (served.some((name) => hosts.get(name)?.role === 'mtls') && file === undefined) {
    here.report(
      at,
      'serves an mtls host without tls and without client-certificate, so no certificate can come in',
      'say client-certificate: { from: nginx } or another preset, or give the listener tls',
    )
  } else if (
    file !== undefined &&
    served.some((name) => hosts.get(name)?.role === 'main' && !served.includes(`${name}/mtls`))
  ) {
    here.report(
      [...at, 'client-certificate'],
      'a listener that takes certificates must not serve a main host',
      'give the main host a listener of its own: one listener per trust level',
    )
  }
  if (listener['client-address-header'] !== undefined && !unix && clientCertificate === undefined) {
    here.report([...at, 'client-address-header'], 'believed only on a Unix socket or from a proven proxy')
  }
  return {
    address: address?.kind === 'unix' ? { kind: 'unix', path: here.path(address.path) } : (address ?? nowhere),
    tls: resolveTls(listener.tls, here),
    hosts: served,
    clientCertificate,
    proxyProtocol: listener['proxy-protocol'] === 'off' ? undefined : listener['proxy-protocol'],
    clientAddressHeader: listener['client-address-header'],
    withoutServerName: listener['without-server-name'],
    socketMode: Number.parseInt(listener['socket-mode'], 8),
  }
}

/** The paths of a certificate and its key, absolute. */
export function resolveTls(tls: TlsFile | undefined, here: Resolution): TlsConfiguration | undefined {
  return tls === undefined ? undefined : { certificate: here.path(tls.certificate), key: here.path(tls.key) }
}

function checkTlsListener(
  listener: ListenerFile,
  at: readonly PropertyKey[],
  unix: boolean,
  served: readonly string[],
  hosts: ReadonlyMap<string, HostConfiguration>,
  here: Resolution,
): void {
  if (unix) here.report([...at, 'tls'], 'a Unix socket has no TLS', 'leave tls out, or listen on HOST:PORT')
  if (listener['client-certificate'] !== undefined) {
    here.report(
      [...at, 'client-certificate'],
      'a listener that ends TLS takes certificates from the handshake only',
      'leave it out, or name the proxy that ends TLS in front by proxy-certificate',
    )
  }
  for (const [position, name] of served.entries()) {
    if (!name.includes('/')) continue
    here.report(
      [...at, 'hosts', position],
      `${name} is a path, and a listener that ends TLS asks per name`,
      'give certificates a host or a port of their own, or serve it behind a terminator that can ask per path',
    )
  }
  const bare = new Map<string, string>()
  for (const name of served) {
    const server = name.replace(/:[0-9]+$/, '')
    const other = bare.get(server)
    if (other !== undefined) {
      here.report(
        [...at, 'hosts'],
        `${other} and ${name} are one TLS name`,
        'in port style each needs a listener of its own',
      )
    }
    bare.set(server, name)
  }
  if (listener['without-server-name'] === 'main' && !served.some((name) => hosts.get(name)?.role === 'main')) {
    here.report([...at, 'without-server-name'], 'no main host is served here')
  }
}

function resolveClientCertificate(
  file: ClientCertificateFile,
  at: readonly PropertyKey[],
  unix: boolean,
  trust: readonly string[],
  here: Resolution,
): ClientCertificateConfiguration | undefined {
  const from = Object.keys(certificateHeaderPresets).find((preset) => preset === file.from)
  if (from === undefined) {
    const near = nearestName(file.from, Object.keys(certificateHeaderPresets))
    const known = Object.keys(certificateHeaderPresets).join(', ')
    here.report([...at, 'from'], `there is no preset ${file.from}`, near ? `did you mean ${near}?` : `one of ${known}`)
  }
  return {
    from: (from ?? 'rfc9440') as CertificateHeaderPresetName,
    header: file.header,
    chainHeader: file['chain-header'],
    verdictHeader: file['verdict-header'],
    verdict: file.verdict,
    xfccElement: file['xfcc-element'],
    proof: resolveProof(file, at, unix, trust, here),
  }
}

function resolveProof(
  file: ClientCertificateFile,
  at: readonly PropertyKey[],
  unix: boolean,
  trust: readonly string[],
  here: Resolution,
): ProxyProof {
  const secretFile = file['proxy-secret-file']
  const addresses = file['dangerously-trust-addresses']
  const certificate = file['proxy-certificate']
  const proofs = [file['proxy-secret'], secretFile, addresses, certificate].filter((proof) => proof !== undefined)
  if (proofs.length > 1) here.report(at, 'more than one proof of the proxy', 'choose one')
  if (proofs.length === 0 && !unix) {
    here.report(
      at,
      'a TCP listener must know its proxy before it believes a header',
      'set proxy-secret-file or proxy-certificate, or listen on unix:/path',
    )
  }
  const secret = resolveSecret(file, 'proxy-secret', at, here)
  const previous = resolveSecret(file, 'previous-proxy-secret', at, here)
  if (secret !== undefined) return { kind: 'secret', header: file['proxy-secret-header'], secret, previous }
  if (previous !== undefined) here.report([...at, 'previous-proxy-secret'], 'stands beside no proxy-secret')
  if (certificate !== undefined) return resolveProxyCertificate(certificate, [...at, 'proxy-certificate'], trust, here)
  if (addresses === undefined) return { kind: 'socket' }
  for (const [index, address] of addresses.entries()) {
    if (isIP(address.split('/')[0] ?? '') !== 0) continue
    here.report([...at, 'dangerously-trust-addresses', index], `${address} is no IP address or network`)
  }
  here.dangers.push(`${formatPath(at)}.dangerously-trust-addresses`)
  return { kind: 'dangerously-address', addresses }
}

function resolveSecret(
  file: ClientCertificateFile,
  key: 'proxy-secret' | 'previous-proxy-secret',
  at: readonly PropertyKey[],
  here: Resolution,
): string | undefined {
  const path = file[`${key}-file`]
  if (path === undefined) return file[key]
  if (key === 'previous-proxy-secret' && file[key] !== undefined)
    here.report([...at, `${key}-file`], `stands beside ${key}`, 'choose one')
  const secret = here.readFile(here.path(path))?.trim()
  if (secret === undefined || secret.length < minimumSecret) {
    here.report([...at, `${key}-file`], `not readable, or shorter than ${minimumSecret} characters`)
  }
  return secret
}

function resolveProxyCertificate(
  certificate: NonNullable<ClientCertificateFile['proxy-certificate']>,
  at: readonly PropertyKey[],
  trust: readonly string[],
  here: Resolution,
): ProxyProof {
  if ('thumbprints' in certificate) {
    const thumbprints = certificate.thumbprints.flatMap((text, index) => {
      const thumbprint = thumbprintText(text)
      if (thumbprint !== undefined) return [thumbprint]
      here.report([...at, 'thumbprints', index], 'not a SHA-256 thumbprint', 'holdfast cert thumbprint FILE prints it')
      return []
    })
    return { kind: 'certificate', thumbprints }
  }
  if (!trust.includes(certificate.trust)) {
    const near = nearestName(certificate.trust, trust)
    here.report([...at, 'trust'], `${certificate.trust} is not in trust`, near && `did you mean ${near}?`)
  }
  const name = parseSubjectAltName(certificate.name.includes('://') ? 'uri' : 'dns', certificate.name)
  if (!name.ok) here.report([...at, 'name'], name.failure.reason.replaceAll('_', ' '), name.failure.hint)
  return {
    kind: 'vouched-certificate',
    trust: certificate.trust,
    name: name.ok ? name.value : { kind: 'dns', name: certificate.name },
  }
}

const nowhere = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const

/** 192 bits in base64, what the edge asks for. */
const minimumSecret = 32
