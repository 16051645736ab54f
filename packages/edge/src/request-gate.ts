import { isIP } from 'node:net'
import type { Awaitable, PresentedCertificate } from '@holdfast/core'
import type {
  CertificateSourceFailure,
  EdgeEvent,
  EdgeRequest,
  EdgeResponse,
  Exchange,
  RefusedExchange,
  RequestRefusal,
  TlsFacts,
  UpgradedConnection,
} from './exchange.ts'
import type { CertificateHeaderReader } from './header/certificate-header-reader.ts'
import { headerLines } from './header/header-lines.ts'
import type { HeaderLines, HeaderNames } from './header/header-lines.ts'
import { hostRule, servedPlace } from './host-rule.ts'
import type { ServedHost } from './host-rule.ts'
import type { ProxyPeer } from './proxy-certificate.ts'

/** What is known of a connection before its first request; made once per connection. */
export interface Connection {
  readonly served: ReadonlyMap<string, ServedHost>
  readonly remoteAddress: string | undefined
  readonly tls: TlsFacts | undefined
  /** Who showed a certificate in place of a secret; `undefined` where the proxy need not. */
  readonly proxy: ProxyPeer | undefined
  readonly certificate: PresentedCertificate | undefined
  readonly certificateRefusal: CertificateSourceFailure | undefined
  /** The last host that was found right, and how it was written: keep-alive requests repeat it. */
  lastWritten: string | undefined
  lastHost: ServedHost | undefined
}

export interface RequestGateSettings {
  readonly listener: string
  readonly names: HeaderNames
  readonly reader: CertificateHeaderReader | undefined
  readonly secret: ((value: string) => boolean) | undefined
  /** The port that a `Host` without one means. */
  readonly defaultPort: number
  readonly handler: (exchange: Exchange) => void
  readonly refusalHandler: ((refused: RefusedExchange) => void) | undefined
  readonly observe: (event: EdgeEvent) => void
  readonly closing: () => boolean
  readonly strangeCertificateHeaders: 'refused' | 'left_to_handler'
  /** Epoch seconds. */
  readonly now: () => number
}

/** Lets a request through to the handler with its facts, or answers it; one for each listener. */
export type RequestGate = (
  request: EdgeRequest,
  response: EdgeResponse,
  connection: Connection | undefined,
  upgrade?: UpgradedConnection,
) => void

/** Makes the gate through which each request of a listener goes: header lines, proof of the proxy, host, certificate. */
export function requestGate(settings: RequestGateSettings): RequestGate {
  const { listener, names, reader, secret, observe } = settings
  const read = headerLines(names)
  const vouchFor = reader === undefined ? ignore : (known: PresentedCertificate): void => reader.vouchFor(known)

  function refuse(request: EdgeRequest, response: EdgeResponse, connection: Connection, refusal: RequestRefusal): void {
    const { remoteAddress, tls } = connection
    const status = statusOf(refusal)
    observe({ event: 'request_refused', listener, remoteAddress, status, refusal })
    // A body that nobody reads would be taken for the next request.
    if (request.httpVersionMajor === 1) response.setHeader('connection', 'close')
    const answer = settings.refusalHandler ?? answerRefusal
    throwBodyAway(request, () => answer({ request, response, status, refusal, listener, remoteAddress, tls }))
  }

  function proofRefusal(lines: HeaderLines, connection: Connection): Awaitable<RequestRefusal | undefined> {
    if (connection.proxy !== undefined) return connection.proxy.refusal(settings.now())
    if (secret === undefined) return undefined
    if (
      lines.failure?.reason === 'certificate_header_repeated' &&
      lines.failure.header.toLowerCase() === names.secret
    ) {
      return { reason: 'proxy_proof_repeated' }
    }
    if (lines.secret === undefined) return { reason: 'proxy_proof_missing' }
    return secret(lines.secret) ? undefined : { reason: 'proxy_proof_wrong' }
  }

  function findHost(request: EdgeRequest, lines: HeaderLines, connection: Connection): ServedHost | RequestRefusal {
    let authority = lines.authority
    if (request.httpVersionMajor === 1) {
      const url = request.url ?? ''
      if (url.charCodeAt(0) !== slash && url !== '*') {
        const absolute = absoluteForm(url)
        if (absolute === undefined) return { reason: 'request_target_malformed' }
        authority = absolute.authority
        request.url = absolute.target
      } else if (lines.hosts === 1 && lines.host === connection.lastWritten && connection.lastHost !== undefined) {
        return connection.lastHost
      }
    } else if (lines.hosts === 0 && authority === connection.lastWritten && connection.lastHost !== undefined) {
      return connection.lastHost
    }
    const found = hostRule({ host: lines.host, hosts: lines.hosts, authority }, connection.served, settings.defaultPort)
    if (!found.ok) return found.failure
    connection.lastWritten = authority ?? lines.host
    connection.lastHost = found.value
    return found.value
  }

  return (request, response, connection, upgrade) => {
    if (connection === undefined) {
      // Never seen; a request of a connection of which nothing is known must not be served.
      request.destroy()
      return
    }
    response.on('error', ignore)
    if (settings.closing()) {
      if (request.httpVersionMajor > 1) return refuse(request, response, connection, { reason: 'shutting_down' })
      response.setHeader('connection', 'close')
    }

    const lines = read(request.rawHeaders)
    const { failure } = lines
    if (failure?.reason === 'headers_too_many') return refuse(request, response, connection, failure)
    const unproven = proofRefusal(lines, connection)
    if (unproven instanceof Promise) {
      // The reader writes its answer anew for each request, and others come meanwhile.
      const own = { ...lines }
      void unproven.then((later) => {
        if (later === undefined) admit(request, response, connection, upgrade, own, failure)
        else refuse(request, response, connection, later)
      })
    } else if (unproven !== undefined) refuse(request, response, connection, unproven)
    else admit(request, response, connection, upgrade, lines, failure)
  }

  /** The proxy is who it should be, or need not be anybody. */
  function admit(
    request: EdgeRequest,
    response: EdgeResponse,
    connection: Connection,
    upgrade: UpgradedConnection | undefined,
    lines: HeaderLines,
    failure: CertificateLinesFailure,
  ): void {
    if (names.secret !== undefined) forget(request, names.secret)
    const found = findHost(request, lines, connection)
    if ('reason' in found) return refuse(request, response, connection, found)
    const host = servedPlace(found, request.url ?? '')
    if (host === undefined) {
      return refuse(request, response, connection, { reason: 'host_misdirected', host: found.host })
    }

    const takes = host.certificate === 'taken' && reader !== undefined
    const left = reader === undefined && settings.strangeCertificateHeaders === 'left_to_handler'
    if (failure !== undefined && !takes && !left) return refuse(request, response, connection, failure)
    // In path style the terminator has one connection for both, and may say what it knows everywhere: passed over, not believed.
    const shared = host.below !== undefined
    if (!takes && !shared && reader !== undefined && (lines.certificate ?? '') !== '') {
      return refuse(request, response, connection, {
        reason: 'certificate_header_unexpected',
        header: names.certificate ?? '',
      })
    }

    let { certificate, certificateRefusal } = connection
    const remoteAddress =
      lines.clientAddress === undefined ? connection.remoteAddress : lastAddress(lines.clientAddress)
    if (takes) {
      if (failure !== undefined) certificateRefusal = failure
      else {
        const reading = reader.read(lines)
        if (!reading.ok) certificateRefusal = reading.failure
        else {
          certificate = reading.value.certificate
          if (reading.value.withheld !== undefined) {
            const header = names.certificate ?? ''
            observe({ event: 'certificate_withheld', listener, remoteAddress, header, value: reading.value.withheld })
          }
        }
      }
    }
    if (certificateRefusal !== undefined) {
      observe({ event: 'certificate_refused', listener, remoteAddress, refusal: certificateRefusal })
    }
    settings.handler({
      request,
      response,
      listener,
      host: host.host,
      role: host.role,
      base: found === host ? '' : (found.below?.path ?? ''),
      certificate,
      certificateRefusal,
      vouchFor,
      remoteAddress,
      tls: connection.tls,
      upgrade,
    })
  }
}

type CertificateLinesFailure = Exclude<HeaderLines['failure'], { readonly reason: 'headers_too_many' }>

/**
 * Reads what there is of a body, and answers then: a proxy that is still sending when the connection closes would answer 502 in
 * place of what we say. Of a body that is too long for that, the rest is left, and the answer comes at once.
 */
function throwBodyAway(request: EdgeRequest, answer: () => void): void {
  const { 'content-length': announced, 'transfer-encoding': coding } = request.headers
  const bodiless = (announced === undefined || announced === '0') && coding === undefined
  if (request.httpVersionMajor !== 1 || bodiless || Number(announced ?? 0) > mostThrownAway) {
    answer()
    request.resume()
    return
  }
  let left = mostThrownAway
  let answered = false
  const once = (): void => {
    if (answered) return
    answered = true
    answer()
  }
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) once()
  })
  request.once('end', once)
  request.once('error', ignore)
}

function statusOf(refusal: RequestRefusal): RefusedExchange['status'] {
  switch (refusal.reason) {
    case 'host_misdirected':
    case 'host_not_a_name':
      return 421
    case 'headers_too_many':
      return 431
    case 'shutting_down':
      return 503
    case 'host_missing':
    case 'host_repeated':
    case 'host_malformed':
    case 'host_contradicts_authority':
    case 'request_target_malformed':
    case 'proxy_proof_missing':
    case 'proxy_proof_wrong':
    case 'proxy_proof_repeated':
    case 'proxy_certificate_missing':
    case 'proxy_certificate_malformed':
    case 'proxy_certificate_not_pinned':
    case 'proxy_certificate_name':
    case 'proxy_certificate_not_yet_valid':
    case 'proxy_certificate_expired':
    case 'proxy_certificate_path':
    case 'proxy_certificate_revoked':
    case 'proxy_certificate_revocation_unknown':
    case 'certificate_header_repeated':
    case 'certificate_header_look_alike':
    case 'certificate_header_unexpected':
      return 400
  }
}

function answerRefusal({ response, status, refusal }: RefusedExchange): void {
  const body = JSON.stringify({ error: errorOf(status), error_description: descriptionOf(refusal) })
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  })
  response.end(body)
}

function errorOf(status: RefusedExchange['status']): string {
  switch (status) {
    case 421:
      return 'misdirected_request'
    case 503:
      return 'temporarily_unavailable'
    case 400:
    case 431:
      return 'invalid_request'
  }
}

/** Fixed sentences: nothing of the request comes back. */
function descriptionOf(refusal: RequestRefusal): string {
  switch (refusal.reason) {
    case 'host_misdirected':
    case 'host_not_a_name':
      return 'this connection does not serve the host that was asked for'
    case 'shutting_down':
      return 'the server is shutting down'
    case 'headers_too_many':
      return 'too many headers'
    case 'certificate_header_repeated':
    case 'certificate_header_look_alike':
    case 'certificate_header_unexpected':
      return 'a header that hands on a client certificate must not be sent here'
    case 'proxy_proof_missing':
    case 'proxy_proof_wrong':
    case 'proxy_proof_repeated':
    case 'proxy_certificate_missing':
    case 'proxy_certificate_malformed':
    case 'proxy_certificate_not_pinned':
    case 'proxy_certificate_name':
    case 'proxy_certificate_not_yet_valid':
    case 'proxy_certificate_expired':
    case 'proxy_certificate_path':
    case 'proxy_certificate_revoked':
    case 'proxy_certificate_revocation_unknown':
      return 'the request did not come through the configured proxy'
    case 'host_missing':
    case 'host_repeated':
    case 'host_malformed':
    case 'host_contradicts_authority':
    case 'request_target_malformed':
      return 'the request does not say clearly which host it is for'
  }
}

/** Splits a request target in absolute form (RFC 9112 §3.2.2). */
function absoluteForm(url: string): { readonly authority: string; readonly target: string } | undefined {
  const scheme = /^https?:\/\//i.exec(url)
  if (scheme === null) return undefined
  const rest = url.slice(scheme[0].length)
  const end = rest.search(/[/?#]/)
  if (end < 0) return { authority: rest, target: '/' }
  const target = rest.slice(end)
  return { authority: rest.slice(0, end), target: target.startsWith('/') ? target : `/${target}` }
}

/** Takes the proxy's secret out of the request, so that it does not end in a log. */
function forget(request: EdgeRequest, name: string): void {
  const raw = request.rawHeaders as string[]
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index]?.toLowerCase() === name) raw.splice(index, 2)
  }
  const headers: { [name: string]: string | string[] | undefined } = request.headers
  delete headers[name]
}

function lastAddress(value: string): string | undefined {
  const text = value.slice(value.lastIndexOf(',') + 1).trim()
  return isIP(text) === 0 ? undefined : text
}

function ignore(): void {
  // A peer that goes away is no event; node:http closes the rest.
}

const slash = 0x2f
/** Bytes that a proxy has under way before it looks for an answer. */
const mostThrownAway = 1024 * 1024
