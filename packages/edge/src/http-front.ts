import type { IncomingMessage, ServerResponse as HttpResponse } from 'node:http'
import type { Http2Server, Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { EdgeLimits } from './edge-options.ts'
import type { EdgeResponse } from './exchange.ts'
import type { Connection, RequestGate } from './request-gate.ts'

/** Speaks HTTP on connections that are handed to it; never listens itself. */
export interface HttpFront {
  serve(socket: Duplex, connection: Connection, protocol: 'h2' | 'http/1.1'): void
  /** Lets running requests end and closes everything that is idle. */
  drain(): void
  /** Closes what is left. */
  destroy(): void
  /** Connections that are open. */
  open(): number
}

/**
 * Makes the HTTP/1.1 and HTTP/2 servers of one listener, with their time-outs.
 *
 * `malformed` is told of what is no HTTP.
 */
export function httpFront(
  gate: RequestGate,
  limits: EdgeLimits,
  maxHeaderSize: number,
  upgrades: 'ignored' | 'handed_over',
  malformed: (connection: Connection | undefined, code: string) => void,
): HttpFront {
  const connections = new WeakMap<object, Connection>()
  const sockets = new Map<Duplex, { requests: number }>()
  const sessions = new Map<ServerHttp2Session, Duplex>()
  let draining = false

  // By `import` node:http would bring the whole fetch client along: 25 ms and 5 MB for the sake of an export named WebSocket.
  const { createServer: createHttpServer, ServerResponse } = process.getBuiltinModule('node:http')
  const http1 = createHttpServer({
    maxHeaderSize,
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    connectionsCheckingInterval: timeoutCheckInterval,
    // Answered by the gate, as every other Host that is not right.
    requireHostHeader: false,
    shouldUpgradeCallback: upgrades === 'handed_over' ? asksForWebSocket : () => false,
  })
  // The time-outs are looked after from the moment a server listens; this one is given its connections.
  http1.emit('listening')
  http1.on('request', (request: IncomingMessage, response: HttpResponse) => {
    const { socket } = request
    if (request.httpVersionMajor !== 1) return refuse(socket, wrongVersion)
    const state = sockets.get(socket)
    if (state !== undefined) state.requests++
    response.on('close', answered)
    gate(request, response, connections.get(socket))
  })
  // One function for all responses: a closure and its wrapper for each would cost more than the counting.
  function answered(this: HttpResponse): void {
    const { socket } = this.req
    const state = sockets.get(socket)
    if (state === undefined) return
    state.requests--
    if (draining && state.requests === 0) socket.end()
  }
  if (upgrades === 'handed_over') {
    http1.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (request.httpVersionMajor !== 1) return refuse(socket, wrongVersion)
      const response = new ServerResponse(request)
      response.shouldKeepAlive = false
      response.assignSocket(socket as Socket)
      response.once('finish', () => socket.end())
      const take = (): Duplex => {
        response.detachSocket(socket as Socket)
        return socket
      }
      gate(request, response, connections.get(socket), { socket, head, take })
    })
  }
  http1.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    refuse(socket, error.code ?? 'unknown')
  })
  function refuse(socket: Duplex, code: string): void {
    if (code !== 'ECONNRESET' && code !== 'EPIPE') malformed(connections.get(socket), code)
    if (socket.writable && sockets.get(socket)?.requests === 0) {
      socket.end(http1Refusal(code), () => socket.destroy())
    } else socket.destroy()
  }

  let handedOver: { readonly socket: Duplex; readonly connection: Connection } | undefined
  let madeHttp2: Http2Server | undefined
  // Behind a proxy nobody speaks HTTP/2: its module is loaded for the first connection that does.
  const http2 = (): Http2Server => (madeHttp2 ??= startHttp2())
  const startHttp2 = (): Http2Server => {
    const server = process.getBuiltinModule('node:http2').createServer({
      settings: {
        maxConcurrentStreams: limits.maxStreamsPerConnection,
        maxHeaderListSize: maxHeaderSize,
        enablePush: false,
      },
      maxSessionMemory: megabytesPerSession,
    })
    server.setTimeout(limits.keepAliveTimeout)
    server.on('session', (session) => {
      if (handedOver === undefined) {
        session.destroy()
        return
      }
      const { socket, connection } = handedOver
      sessions.set(session, socket)
      connections.set(session, connection)
      // Settings alone are no request: who opens a session and asks nothing is cut off like a slow HTTP/1.1 client.
      const first = setTimeout(() => session.destroy(), limits.headersTimeout)
      session.once('stream', () => clearTimeout(first))
      session.once('close', () => {
        clearTimeout(first)
        sessions.delete(session)
      })
      session.on('error', ignore)
    })
    server.on('timeout', (session: ServerHttp2Session) => session.close())
    server.on('sessionError', ignore)
    server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
      const { stream } = request
      const { session } = stream
      if (!stream.endAfterHeaders) {
        const late = setTimeout(() => stream.close(cancel), limits.requestTimeout)
        request.once('end', () => clearTimeout(late))
        stream.once('close', () => clearTimeout(late))
      }
      gate(request, response as unknown as EdgeResponse, session === undefined ? undefined : connections.get(session))
    })
    return server
  }

  return {
    serve(socket, connection, protocol) {
      socket.on('error', ignore)
      if (draining) {
        socket.destroy()
        return
      }
      sockets.set(socket, { requests: 0 })
      socket.once('close', () => sockets.delete(socket))
      connections.set(socket, connection)
      if (protocol === 'http/1.1') {
        http1.emit('connection', socket)
        return
      }
      handedOver = { socket, connection }
      http2().emit('connection', socket)
      handedOver = undefined
    },
    drain() {
      draining = true
      const multiplexed = new Set(sessions.values())
      for (const session of sessions.keys()) session.close()
      for (const [socket, state] of sockets) {
        if (!multiplexed.has(socket) && state.requests === 0) closeIdle(socket)
      }
    },
    destroy() {
      for (const session of sessions.keys()) session.destroy()
      for (const socket of sockets.keys()) socket.destroy()
      // Stops the interval that looks after the time-outs; that it never listened is no news.
      http1.close(ignore)
    },
    open: () => sockets.size,
  }
}

/** A peer that keeps a pool may look at a connection only when it needs one, and would hold us up until then. */
function closeIdle(socket: Duplex): void {
  socket.end()
  const patience = setTimeout(() => socket.destroy(), idleLinger)
  socket.once('close', () => clearTimeout(patience))
}

/** RFC 6455 §4.1; whoever asks for something else gets an answer as if he had not. */
function asksForWebSocket(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket'
}

function http1Refusal(code: string): string {
  const status =
    code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : code === wrongVersion
          ? '505 HTTP Version Not Supported'
          : '400 Bad Request'
  return `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
}

function ignore(): void {
  // A peer that goes away, or speaks nonsense, has been closed by the time this is called.
}

/** The parser takes HTTP/0.9 and HTTP/2.0 in a request line too: a message that others would frame in another way (RFC 9110 §15.6.6). */
const wrongVersion = 'UNSUPPORTED_HTTP_VERSION'
/** Node's own default of 30 s would let a slow client have its time-out and half a minute more. */
const timeoutCheckInterval = 2_000
const megabytesPerSession = 10
/** Milliseconds for an idle peer to close its side, so that a request which crosses our closing meets an end and no reset. */
const idleLinger = 250
/** RFC 9113 §7, CANCEL. */
const cancel = 8
