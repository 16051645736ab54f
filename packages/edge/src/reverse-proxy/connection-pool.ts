import type { Agent, ClientRequest } from 'node:http'
import type { Socket } from 'node:net'

/** Connections to one place, lent to one request at a time. */
export interface ConnectionPool {
  /** To be given to `request` of `node:http`, which asks it for a connection. */
  readonly agent: Agent
  close(): void
}

/**
 * Makes a pool for one place only.
 *
 * `Agent` of `node:http` sorts its connections by the options of each request and copies those several times; here there is
 * nothing to sort. The connection that was used last is lent first: the others grow old and are closed.
 */
export function connectionPool(
  connect: () => Socket,
  bounds: {
    readonly connections: number
    /** Milliseconds without a byte while lent, and while idle. */
    readonly busyTimeout: number
    readonly idleTimeout: number
  },
): ConnectionPool {
  const open = new Set<Socket>()
  const idle: Socket[] = []
  const waiting: ClientRequest[] = []

  function lend(socket: Socket, request: ClientRequest): void {
    socket.setTimeout(bounds.busyTimeout)
    request.onSocket(socket)
  }

  function addRequest(request: ClientRequest): void {
    for (let socket = idle.pop(); socket !== undefined; socket = idle.pop()) {
      if (!usable(socket)) socket.destroy()
      else {
        request.reusedSocket = true
        return lend(socket, request)
      }
    }
    if (open.size < bounds.connections) return lend(begin(), request)
    waiting.push(request)
  }

  function begin(): Socket {
    const socket = connect()
    const freed = (): void => {
      if (closed || !usable(socket)) {
        socket.destroy()
        return
      }
      const next = nextWaiting()
      if (next === undefined) {
        socket.setTimeout(bounds.idleTimeout)
        idle.push(socket)
        return
      }
      next.reusedSocket = true
      lend(socket, next)
    }
    const forget = (): void => {
      if (!open.delete(socket)) return
      const at = idle.indexOf(socket)
      if (at >= 0) idle.splice(at, 1)
      const next = nextWaiting()
      if (next !== undefined) addRequest(next)
    }
    open.add(socket)
    socket.on('free', freed)
    socket.on('timeout', () => {
      if (idle.includes(socket)) socket.destroy()
    })
    socket.on('error', ignore)
    socket.once('close', forget)
    // A connection that became a WebSocket is nobody's to lend.
    socket.once('agentRemove', () => {
      socket.off('free', freed)
      socket.setTimeout(0)
      forget()
    })
    return socket
  }

  function nextWaiting(): ClientRequest | undefined {
    let next = waiting.shift()
    while (next?.destroyed === true) next = waiting.shift()
    return next
  }

  let closed = false
  // What `request` asks of an agent; the class itself is not needed for it.
  const agent = {
    addRequest,
    keepAlive: true,
    maxSockets: bounds.connections,
    defaultPort: 80,
    protocol: 'http:',
    options: {},
  }
  return {
    agent: agent as unknown as Agent,
    close() {
      closed = true
      for (const socket of open) socket.destroy()
    },
  }
}

/** Bytes that came unasked would be taken for the next answer. */
function usable(socket: Socket): boolean {
  return !socket.destroyed && socket.writable && socket.readableLength === 0
}

function ignore(): void {
  // The request on it is told by itself, and on an idle one the close that follows is what counts.
}
