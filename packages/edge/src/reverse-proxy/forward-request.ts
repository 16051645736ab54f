import type { ClientRequest, IncomingMessage } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { EdgeRequest, EdgeResponse, Exchange } from '../exchange.ts'
import type { CertificateHeaderWriter } from './certificate-header-writer.ts'
import { proxyAnswer } from './proxy-answer.ts'
import type { RequestHeaders } from './request-headers.ts'
import { http2ResponseHeaders, responseHeaders } from './response-headers.ts'
import type { ReverseProxyEvent, ReverseProxyLimits, UpstreamFailure } from './reverse-proxy-options.ts'
import type { Upstream } from './upstream.ts'

/** Where the requests to one name go, and what they take along. */
export interface Route {
  readonly upstream: Upstream
  readonly headers: (exchange: Exchange) => RequestHeaders
  readonly certificate: CertificateHeaderWriter | undefined
  /** Sent with every request: name, value. */
  readonly secret: readonly string[]
  readonly limits: ReverseProxyLimits
  readonly observe: (event: ReverseProxyEvent) => void
}

/** Hands a request on and its answer back, both as streams. `done` is called once, when nothing more is to come. */
export function forwardRequest(exchange: Exchange, route: Route, headers: RequestHeaders, done: () => void): void {
  const { request, response } = exchange
  const { limits } = route
  const bodyless = hasNoBody(request, headers)
  if (!bodyless && Number(headers.contentLength ?? 0) > limits.maxBodyBytes) {
    proxyAnswer(exchange, 'body_too_large')
    return done()
  }
  const lines = upstreamLines(exchange, route, headers)
  if (!bodyless) {
    if (headers.contentLength === undefined) lines.push('Transfer-Encoding', 'chunked')
    else lines.push('Content-Length', headers.contentLength)
  } else if (!methodsWithoutBody.has(request.method ?? 'GET')) lines.push('Content-Length', '0')

  let state: 'waiting' | 'answering' | 'over' = 'waiting'
  let outgoing: ClientRequest
  let repeated = false

  function over(): void {
    if (state === 'over') return
    state = 'over'
    done()
  }

  function failed(failure: UpstreamFailure): void {
    if (state === 'over') return
    const moment = state === 'waiting' ? 'before' : 'during'
    route.observe({ event: 'upstream_failed', host: exchange.host, failure, moment })
    if (moment === 'before') {
      request.unpipe()
      proxyAnswer(exchange, failure.reason)
    } else cutOff(response)
    over()
    outgoing.destroy()
  }

  function send(): boolean {
    const begun = begin(route, request, lines)
    if (begun === undefined) return false
    outgoing = begun
    watchConnecting(begun, limits.connectTimeout, () => failed({ reason: 'upstream_unreachable', code: 'ETIMEDOUT' }))
    begun.on('response', (answer) => {
      if (state !== 'waiting') return
      state = 'answering'
      answer.on('error', (error: NodeJS.ErrnoException) =>
        failed({ reason: 'upstream_broke_off', code: codeOf(error) }),
      )
      answer.on('end', over)
      relay(exchange, answer)
    })
    begun.on('timeout', () => failed({ reason: 'upstream_timeout', code: 'ETIMEDOUT' }))
    begun.on('error', (error: NodeJS.ErrnoException) => {
      // A connection that was closed over there at the moment in which we used it again: nobody has read the request.
      if (state === 'waiting' && begun.reusedSocket && !repeated && bodyless && safe.has(request.method ?? '')) {
        repeated = true
        if (send()) return
      }
      failed(failureOf(error))
    })
    if (bodyless) begun.end()
    return true
  }

  if (!send()) {
    proxyAnswer(exchange, 'request_malformed')
    return done()
  }
  response.once('close', () => {
    const unfinished = state !== 'over'
    over()
    if (unfinished || !response.writableFinished) outgoing.destroy()
  })
  if (!bodyless)
    pipeBody(
      request,
      () => outgoing,
      limits.maxBodyBytes,
      () => {
        if (state !== 'waiting') return cutOff(response)
        proxyAnswer(exchange, 'body_too_large')
        over()
        outgoing.destroy()
      },
    )
}

/** What stands in front of the headers of the client: `Host`, who asks, and by what right. */
export function upstreamLines(exchange: Exchange, route: Route, headers: RequestHeaders): string[] {
  const { lines } = headers
  lines.push('Host', headers.host, 'X-Forwarded-Proto', 'https', 'X-Forwarded-Host', headers.host)
  if (exchange.remoteAddress !== undefined) lines.push('X-Forwarded-For', exchange.remoteAddress)
  lines.push(...route.secret)
  if (route.certificate !== undefined) lines.push(...route.certificate(exchange.certificate))
  return lines
}

/** Gives the answer of the upstream to the client, as it comes. */
export function relay({ request, response }: Exchange, answer: IncomingMessage): void {
  const status = answer.statusCode ?? 502
  if (request.httpVersionMajor !== 1) {
    response.writeHead(status, http2ResponseHeaders(answer.rawHeaders))
    answer.pipe(response)
    return
  }
  response.writeHead(status, responseHeaders(answer.rawHeaders))
  const length = Number(answer.headers['content-length'] ?? 0)
  if (length === 0 || length > inOnePiece || request.method === 'HEAD') {
    answer.pipe(response)
    return
  }
  answer.once('data', (first: Buffer) => {
    // Head and body as one text are one write, and one TLS record; as two buffers they cost a third more.
    if (first.length === length) {
      response.end(first.toString('latin1'), 'latin1')
      return
    }
    response.write(first)
    answer.pipe(response)
  })
}

/** Tells an application that is not there, or that is not who it should be, from one that goes away. */
export function failureOf(error: NodeJS.ErrnoException): UpstreamFailure {
  const code = codeOf(error)
  if (code.startsWith('HPE_')) return { reason: 'upstream_malformed', code }
  const never = error.syscall === 'connect' || error.syscall === 'getaddrinfo' || tlsFailure.test(code)
  return { reason: never ? 'upstream_unreachable' : 'upstream_broke_off', code }
}

/** Limits the time until a new connection stands. */
export function watchConnecting(outgoing: ClientRequest, within: number, late: () => void): void {
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return
    const timer = setTimeout(late, within)
    const stop = (): void => clearTimeout(timer)
    socket.once('connect', stop)
    socket.once('close', stop)
  })
}

/** Begins the request behind; `undefined` when HTTP/1.1 cannot say it. */
export function begin(route: Route, request: EdgeRequest, lines: readonly string[]): ClientRequest | undefined {
  try {
    return route.upstream.request(request.method ?? 'GET', request.url ?? '/', lines)
  } catch {
    // A target or a value that HTTP/2 can say and HTTP/1.1 cannot.
    return undefined
  }
}

function pipeBody(request: EdgeRequest, outgoing: () => ClientRequest, limit: number, tooLarge: () => void): void {
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > limit) {
      request.unpipe()
      request.removeAllListeners('data')
      tooLarge()
    }
  })
  request.pipe(outgoing())
}

function hasNoBody(request: EdgeRequest, headers: RequestHeaders): boolean {
  if (request.httpVersionMajor === 1) {
    return headers.chunked === 'no' && (headers.contentLength === undefined || headers.contentLength === '0')
  }
  return (request as EdgeRequest & { readonly stream: ServerHttp2Stream }).stream.endAfterHeaders
}

/** Ends an answer so that nobody takes it for a whole one. */
function cutOff(response: EdgeResponse): void {
  const { stream } = response as EdgeResponse & { readonly stream?: ServerHttp2Stream }
  if (stream === undefined) response.destroy()
  else stream.close(internalError)
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? 'unknown'
}

/** RFC 9110 §9.2.1, without TRACE. */
const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
/** A request by another method without a body says so (RFC 9110 §8.6). */
const methodsWithoutBody: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE'])
/** Codes of OpenSSL and Node for a handshake that failed. */
const tlsFailure = /^(?:ERR_TLS_|ERR_SSL_|UNABLE_TO_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA)/
/** Bytes of a body that is mostly there when its head is: what fits into a TLS record. */
const inOnePiece = 12_288
/** RFC 9113 §7, INTERNAL_ERROR. */
const internalError = 2
