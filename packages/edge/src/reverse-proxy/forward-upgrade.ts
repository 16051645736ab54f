import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { EdgeRequest, Exchange, UpgradedConnection } from '../exchange.ts'
import { failureOf, upstreamLines } from './forward-request.ts'
import type { Route } from './forward-request.ts'
import { proxyAnswer } from './proxy-answer.ts'
import type { RequestHeaders } from './request-headers.ts'
import { responseHeaders } from './response-headers.ts'
import type { UpstreamFailure } from './reverse-proxy-options.ts'

/** Hands on a request for a WebSocket (RFC 6455 §4); when the upstream agrees, the two connections become one. */
export function forwardUpgrade(
  exchange: Exchange,
  upgrade: UpgradedConnection,
  route: Route,
  headers: RequestHeaders,
  done: () => void,
): void {
  const lines = upstreamLines(exchange, route, headers)
  lines.push('Connection', 'Upgrade', 'Upgrade', 'websocket')
  const begun = begin(route, exchange.request, lines)
  if (begun === undefined) {
    proxyAnswer(exchange, 'request_malformed')
    return done()
  }
  const outgoing = begun
  let state: 'waiting' | 'answered' | 'over' = 'waiting'

  function over(): void {
    if (state === 'over') return
    state = 'over'
    done()
  }

  function failed(failure: UpstreamFailure): void {
    if (state === 'over') return
    const moment = state === 'waiting' ? 'before' : 'during'
    route.observe({ event: 'upstream_failed', host: exchange.host, failure, moment })
    if (moment === 'before') proxyAnswer(exchange, failure.reason)
    else upgrade.socket.destroy()
    over()
    outgoing.destroy()
  }

  watchConnecting(outgoing, route.limits.connectTimeout, () =>
    failed({ reason: 'upstream_unreachable', code: 'ETIMEDOUT' }),
  )
  outgoing.on('timeout', () => failed({ reason: 'upstream_timeout', code: 'ETIMEDOUT' }))
  outgoing.on('error', (error: NodeJS.ErrnoException) => failed(failureOf(error)))
  outgoing.on('response', (answer) => {
    const { statusCode = 0 } = answer
    if (statusCode < 200 || statusCode > 599)
      return failed({ reason: 'upstream_malformed', code: 'HPE_INVALID_STATUS' })
    state = 'answered'
    answer.on('error', () => failed({ reason: 'upstream_broke_off', code: 'ECONNRESET' }))
    answer.on('end', over)
    exchange.response.writeHead(statusCode, responseHeaders(statusCode, answer.rawHeaders))
    answer.pipe(exchange.response)
  })
  outgoing.on('upgrade', (answer, behind, head) => {
    state = 'answered'
    const front = upgrade.take()
    front.write(switching(answer), 'latin1')
    if (head.length > 0) front.write(head)
    if (upgrade.head.length > 0) behind.write(upgrade.head)
    join(front, behind, route.limits.webSocketTimeout, over)
  })
  upgrade.socket.once('close', () => {
    over()
    outgoing.destroy()
  })
  outgoing.end()
}

/** Begins the request behind; `undefined` when HTTP/1.1 cannot say it. */
function begin(route: Route, request: EdgeRequest, lines: readonly string[]): ClientRequest | undefined {
  try {
    return route.upstream.upgrade(request.method ?? 'GET', request.url ?? '/', lines)
  } catch {
    return undefined
  }
}

/** Limits the time until the connection stands. */
function watchConnecting(outgoing: ClientRequest, within: number, late: () => void): void {
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return
    const timer = setTimeout(late, within)
    const stop = (): void => clearTimeout(timer)
    socket.once('connect', stop)
    socket.once('close', stop)
  })
}

function switching(answer: IncomingMessage): string {
  const lines = responseHeaders(101, answer.rawHeaders)
  let text = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
  for (let index = 0; index + 1 < lines.length; index += 2)
    text += `${lines[index] ?? ''}: ${lines[index + 1] ?? ''}\r\n`
  return `${text}\r\n`
}

/** Lets what comes from each side go to the other, until one closes or both are silent for too long. */
function join(front: Duplex, behind: Duplex, timeout: number, over: () => void): void {
  let last = Date.now()
  const heard = (): void => void (last = Date.now())
  const watch = setInterval(() => {
    if (Date.now() - last >= timeout) close()
  }, timeout / 4)
  const close = (): void => {
    clearInterval(watch)
    front.destroy()
    behind.destroy()
    over()
  }
  for (const side of [front, behind]) {
    side.on('data', heard)
    side.on('error', close)
    side.once('close', close)
  }
  front.pipe(behind)
  behind.pipe(front)
}
