import { createHash, timingSafeEqual } from 'node:crypto'
import type { Answer, Clock, PresentedCertificate } from '@holdfast/core'
import type { EdgeRequest, Exchange, RefusedExchange } from '@holdfast/edge'
import { parseCertificate } from '@holdfast/x509'
import { certificateHeaderShape, type CertificateHeaderShape } from './certificate-header-shape.ts'
import { standingHeaders, writeAnswer } from './write-answer.ts'

/** Where the echo of `holdfast doctor` is asked for, on every listener. */
export const doctorEchoPath = '/doctor/echo'

/** What the server saw of one request, for whoever shows the doctor's token. Members as on the wire. */
export interface DoctorEcho {
  /** Who answers: the name of a certificate host may lead to another server. */
  readonly issuer: string
  readonly listener: string
  readonly host: string | null
  readonly role: 'main' | 'mtls' | null
  /** Where this listener takes certificates from. */
  readonly source: 'handshake' | 'header' | 'none'
  readonly certificate: {
    readonly 'x5t#S256': string
    /** Certificates that came along, leaf excluded. */
    readonly chain: number
    readonly in_force: 'yes' | 'expired' | 'not_yet' | 'unreadable'
    readonly verdict: string | null
  } | null
  /** Why a certificate that came was not taken. */
  readonly certificate_refusal: string | null
  /** Why the request is not served at all. */
  readonly request_refusal: string | null
  /** The header on which either refusal is founded. */
  readonly refused_header: string | null
  /** What the header of this listener carried, not the value itself. */
  readonly header: { readonly name: string; readonly length: number; readonly shape: CertificateHeaderShape } | null
  /** Absent behind a proxy. */
  readonly tls: { readonly protocol: string; readonly server_name: string; readonly resumed: boolean } | null
  /** Epoch seconds. */
  readonly now: number
  /** What stood in `Holdfast-Doctor`: an answer to another question comes out of a cache. */
  readonly asked: string | null
  /** Of a POST: what arrived of its body, so that the doctor sees what was changed on the way. */
  readonly body: { readonly length: number; readonly 'sha-256': string } | null
}

export interface DoctorEchoSettings {
  readonly issuer: string
  readonly token: string
  /** Epoch seconds after which nothing is answered any more. */
  readonly until: number
  /** By the name of a listener, the lower-case header by which certificates come in, or how else they do. */
  readonly listeners: ReadonlyMap<
    string,
    { readonly source: DoctorEcho['source']; readonly header: string | undefined }
  >
  readonly clock: Clock
}

/** Answers `undefined` where the token is missing, wrong or too old: the path is then as one where nothing is. */
export interface DoctorEchoEndpoint {
  served(exchange: Exchange): Answer | undefined
  refused(refused: RefusedExchange): Answer | undefined
  /** Whether the doctor asks with `Holdfast-Doctor` at a path of somebody else: it is answered then, and nothing else is done there. */
  intercepts(exchange: Exchange): boolean
}

/** Makes the endpoint that tells `holdfast doctor` what arrived. */
export function createDoctorEcho(settings: DoctorEchoSettings): DoctorEchoEndpoint {
  const expected = digest(settings.token)
  const admitted = ({ headers }: EdgeRequest): boolean => {
    const { authorization } = headers
    const shown = typeof authorization === 'string' && /^Bearer (.+)$/i.exec(authorization)?.[1]
    // Of equal length whatever was sent, so that the comparison takes the same time.
    const right = timingSafeEqual(digest(shown === false || shown === undefined ? '' : shown), expected)
    return right && settings.clock.now() < settings.until
  }

  function common(
    listener: string,
    request: EdgeRequest,
  ): Pick<DoctorEcho, 'issuer' | 'listener' | 'source' | 'header' | 'now' | 'asked'> {
    const known = settings.listeners.get(listener)
    const value = known?.header === undefined ? undefined : request.headers[known.header]
    return {
      issuer: settings.issuer,
      listener,
      source: known?.source ?? 'none',
      header:
        known?.header === undefined || typeof value !== 'string'
          ? null
          : { name: known.header, length: value.length, shape: certificateHeaderShape(value) },
      now: settings.clock.now(),
      asked: questionOf(request) ?? null,
    }
  }

  function seen(exchange: Exchange, body: DoctorEcho['body']): Answer {
    const { request, listener, host, role, certificate, certificateRefusal, tls } = exchange
    return answer(200, {
      ...common(listener, request),
      host,
      role,
      certificate: certificate === undefined ? null : facts(certificate, settings.clock.now()),
      certificate_refusal: certificateRefusal?.reason ?? null,
      request_refusal: null,
      refused_header: headerOf(certificateRefusal),
      tls: tls === undefined ? null : { protocol: tls.protocol, server_name: tls.serverName, resumed: tls.resumed },
      body,
    })
  }

  return {
    served: (exchange) =>
      admitted(exchange.request) && exchange.request.method === 'GET' ? seen(exchange, null) : undefined,
    intercepts: (exchange) => {
      const { request, response } = exchange
      if (questionOf(request) === undefined || !admitted(request)) return false
      const end = (body: DoctorEcho['body']): void => {
        writeAnswer(request, response, seen(exchange, body), standingHeaders('no'))
      }
      if (request.method === 'POST') digestBody(request, end)
      else end(null)
      return true
    },
    refused: ({ request, listener, status, refusal, tls }) =>
      (questionOf(request) !== undefined || request.url?.split('?', 1)[0]?.endsWith(doctorEchoPath) === true) &&
      admitted(request)
        ? answer(status, {
            ...common(listener, request),
            host: null,
            role: null,
            certificate: null,
            certificate_refusal: null,
            request_refusal: refusal.reason,
            refused_header: headerOf(refusal),
            tls:
              tls === undefined ? null : { protocol: tls.protocol, server_name: tls.serverName, resumed: tls.resumed },
            body: null,
          })
        : undefined,
  }
}

function questionOf({ headers }: EdgeRequest): string | undefined {
  const question = headers['holdfast-doctor']
  return typeof question === 'string' ? question.slice(0, longestQuestion) : undefined
}

/** Reads a body to its end, and keeps nothing of it but its digest. */
function digestBody(request: EdgeRequest, done: (body: DoctorEcho['body']) => void): void {
  const hash = createHash('sha256')
  let length = 0
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    hash.update(chunk)
  })
  request.on('end', () => done({ length, 'sha-256': hash.digest('base64url') }))
}

function facts(certificate: PresentedCertificate, now: number): DoctorEcho['certificate'] {
  const { source } = certificate
  const parsed = parseCertificate(certificate.der)
  return {
    'x5t#S256': certificate.thumbprint,
    chain: certificate.chain.length,
    in_force: parsed.ok ? inForce(parsed.value, now) : 'unreadable',
    verdict: source.kind === 'header' ? (source.verdict ?? null) : null,
  }
}

function inForce(
  { notBefore, notAfter }: { readonly notBefore: number; readonly notAfter: number },
  now: number,
): 'yes' | 'expired' | 'not_yet' {
  return now < notBefore ? 'not_yet' : now > notAfter ? 'expired' : 'yes'
}

function headerOf(refusal: { readonly reason: string } | undefined): string | null {
  return refusal !== undefined && 'header' in refusal && typeof refusal.header === 'string' ? refusal.header : null
}

function answer(status: number, echo: DoctorEcho): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(echo),
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

const longestQuestion = 64
