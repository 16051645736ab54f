import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { EdgeRequest, EdgeResponse, Exchange } from '../exchange.ts'
import { type AnswerHead, token, unwritable } from './answer-head.ts'
import type { CertificateHeaderWriter } from './certificate-header-writer.ts'
import { proxyAnswer } from './proxy-answer.ts'
import type { RequestHeaders } from './request-headers.ts'
import { http2ResponseHeaders, responseHeaders } from './response-headers.ts'
import type { ReverseProxyEvent, ReverseProxyLimits, UpstreamFailure } from './reverse-proxy-options.ts'
import type { UpstreamCall, UpstreamConnection } from './upstream-connection.ts'
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
  const method = request.method ?? 'GET'
  const bodyless = hasNoBody(request, headers)
  if (!bodyless && Number(headers.contentLength ?? 0) > limits.maxBodyBytes) {
    proxyAnswer(exchange, 'body_too_large')
    return done()
  }
  const lines = upstreamLines(exchange, route, headers)
  const framing = bodyless ? 'none' : headers.contentLength === undefined ? 'chunked' : 'length'
  if (framing === 'chunked') lines.push('Transfer-Encoding', 'chunked')
  else if (framing === 'length') lines.push('Content-Length', headers.contentLength ?? '')
  else if (!methodsWithoutBody.has(method)) lines.push('Content-Length', '0')
  const head = requestHead(method, request.url ?? '/', lines, request.httpVersionMajor === 1 ? 'read' : 'to-be-read')
  if (head === undefined) {
    proxyAnswer(exchange, 'request_malformed')
    return done()
  }

  let state: 'waiting' | 'answering' | 'over' = 'waiting'
  let connection: UpstreamConnection | undefined
  let pending: { cancel(): void } | undefined
  let repeated = false
  let relayed: Relay | undefined

  function over(): void {
    if (state === 'over') return
    state = 'over'
    done()
  }

  function giveUp(): void {
    pending?.cancel()
    connection?.break(Object.assign(new Error('given up'), { code: 'ECANCELED' }), call)
  }

  function failed(failure: UpstreamFailure): void {
    if (state === 'over') return
    const moment = state === 'waiting' ? 'before' : 'during'
    route.observe({ event: 'upstream_failed', host: exchange.host, failure, moment })
    over()
    if (moment === 'before') proxyAnswer(exchange, failure.reason)
    else cutOff(response)
  }

  const call: UpstreamCall = {
    method,
    head,
    onHead(answer) {
      if (state !== 'waiting') return
      state = 'answering'
      relayed = relay(exchange, answer, connection?.socket)
    },
    onData: (piece) => relayed?.data(piece),
    onEnd() {
      if (state !== 'answering') return
      over()
      relayed?.end()
    },
    onFailure(error, untouched) {
      // A connection that was closed over there at the moment in which we used it again: nobody has read the request.
      if (state === 'waiting' && untouched && !repeated && bodyless && safe.has(method)) {
        repeated = true
        return send()
      }
      failed(failureOf(error))
    },
  }

  function send(): void {
    pending = route.upstream.lend(call, (lent) => {
      connection = lent
      if (bodyless) lent.requestEnded()
      else sendBody(request, framing, lent, limits.maxBodyBytes, tooLarge)
    })
  }

  function tooLarge(): void {
    if (state === 'waiting') {
      over()
      proxyAnswer(exchange, 'body_too_large')
    } else cutOff(response)
    giveUp()
  }

  response.once('close', () => {
    // After the answer too, when the rest of the request can no more come.
    if (state === 'over' && response.writableFinished && (bodyless || request.readableEnded)) return
    over()
    giveUp()
  })
  send()
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

interface Relay {
  data(piece: Buffer): void
  end(): void
}

/** Gives the answer of the upstream to the client, as it comes; a client that reads slowly slows the upstream down. */
function relay({ request, response }: Exchange, answer: AnswerHead, upstream: Socket | undefined): Relay {
  const { status, rawHeaders, framing, length } = answer
  const http1 = request.httpVersionMajor === 1
  const write = (piece: Buffer): void => {
    if (response.write(piece) || upstream === undefined || upstream.isPaused()) return
    upstream.pause()
    const go = (): void => {
      response.off('drain', go)
      response.off('close', go)
      upstream.resume()
    }
    response.on('drain', go)
    response.on('close', go)
  }
  if (!http1) response.writeHead(status, http2ResponseHeaders(status, rawHeaders))
  else if (framing !== 'length' || length > inOnePiece) response.writeHead(status, responseHeaders(status, rawHeaders))
  else {
    // Head and body as one text are one write, and one TLS record; as two buffers they cost a third more.
    let whole: Buffer | undefined
    let begun = false
    return {
      data(piece) {
        if (begun) return write(piece)
        response.writeHead(status, responseHeaders(status, rawHeaders))
        if (piece.length === length) whole = piece
        else write(piece)
        begun = true
      },
      end: () => void (whole === undefined ? response.end() : response.end(whole.toString('latin1'), 'latin1')),
    }
  }
  return { data: write, end: () => void response.end() }
}

/**
 * Request line and headers as text; `undefined` when HTTP/1.1 cannot say it, whatever HTTP/2 could.
 *
 * `read`: the lines were read by a parser of HTTP/1.1, which has found nothing in them that it could not have.
 */
function requestHead(
  method: string,
  target: string,
  lines: readonly string[],
  syntax: 'read' | 'to-be-read',
): string | undefined {
  if (!token.test(method) || !writableTarget.test(target)) return undefined
  let text = `${method} ${target} HTTP/1.1\r\n`
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const name = lines[index] ?? ''
    const value = lines[index + 1] ?? ''
    if (syntax === 'to-be-read' && (!token.test(name) || unwritable.test(value))) return undefined
    text += `${name}: ${value}\r\n`
  }
  return `${text}\r\n`
}

/** Tells an application that is not there, or that is not who it should be, from one that goes away. */
export function failureOf(error: NodeJS.ErrnoException): UpstreamFailure {
  const code = codeOf(error)
  if (code.startsWith('HPE_')) return { reason: 'upstream_malformed', code }
  if (code === 'ETIMEDOUT' && error.syscall === 'read') return { reason: 'upstream_timeout', code }
  const never = error.syscall === 'connect' || error.syscall === 'getaddrinfo' || tlsFailure.test(code)
  return { reason: never ? 'upstream_unreachable' : 'upstream_broke_off', code }
}

/** Sends the body of a request on as it comes, in the framing that was announced. */
function sendBody(
  request: EdgeRequest,
  framing: 'none' | 'chunked' | 'length',
  connection: UpstreamConnection,
  limit: number,
  tooLarge: () => void,
): void {
  const { socket } = connection
  let bytes = 0
  let stopped = false
  const go = (): void => {
    socket.off('drain', go)
    socket.off('close', go)
    request.resume()
  }
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (stopped || socket.destroyed) return
    if (bytes > limit) {
      stopped = true
      return tooLarge()
    }
    if (framing === 'chunked') socket.cork()
    if (framing === 'chunked') connection.write(`${chunk.length.toString(16)}\r\n`)
    let free = connection.write(chunk)
    if (framing === 'chunked') {
      free = connection.write('\r\n')
      socket.uncork()
    }
    if (free || socket.destroyed) return
    request.pause()
    socket.on('drain', go)
    socket.on('close', go)
  })
  request.once('end', () => {
    if (stopped || socket.destroyed) return
    if (framing === 'chunked') connection.write('0\r\n\r\n')
    connection.requestEnded()
  })
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
/** What `node:http` would write too. */
const writableTarget = /^[\x21-\xff]+$/
/** RFC 9113 §7, INTERNAL_ERROR. */
const internalError = 2
