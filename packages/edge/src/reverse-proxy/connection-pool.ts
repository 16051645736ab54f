import type { Socket } from 'node:net'
import { upstreamConnection } from './upstream-connection.ts'
import type { UpstreamCall, UpstreamConnect, UpstreamConnection } from './upstream-connection.ts'

/** Connections to one place, lent to one call at a time. */
export interface ConnectionPool {
  /** Begins the call as soon as there is a connection for it; `begun` is told which. */
  lend(call: UpstreamCall, begun: (connection: UpstreamConnection) => void): { cancel(): void }
  close(): void
}

/**
 * Makes a pool for one place only. The connection that was used last is lent first: the others grow old and are closed.
 */
export function connectionPool(
  connect: UpstreamConnect,
  bounds: {
    readonly connections: number
    readonly connectTimeout: number
    /** Milliseconds without a byte while lent, and while idle. */
    readonly busyTimeout: number
    readonly idleTimeout: number
  },
): ConnectionPool {
  const open = new Set<UpstreamConnection>()
  const idle: UpstreamConnection[] = []
  const waiting = new Set<Waiting>()
  const small = Buffer.allocUnsafeSlow(smallRead)
  let watch: NodeJS.Timeout | undefined
  let closed = false

  interface Waiting {
    readonly call: UpstreamCall
    readonly begun: (connection: UpstreamConnection) => void
  }

  function lend(entry: Waiting): void {
    for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) {
      if (!usable(connection.socket)) connection.socket.destroy()
      else return start(entry, connection)
    }
    if (open.size < bounds.connections) start(entry, openConnection())
    else waiting.add(entry)
  }

  function start({ call, begun }: Waiting, connection: UpstreamConnection): void {
    connection.begin(call)
    begun(connection)
  }

  function openConnection(): UpstreamConnection {
    const connection = upstreamConnection(connect, small, freed)
    const { socket } = connection
    open.add(connection)
    const late = setTimeout(() => connection.break(timedOut('connect')), bounds.connectTimeout)
    const stop = (): void => clearTimeout(late)
    socket.once('connect', stop)
    socket.once('close', () => {
      stop()
      open.delete(connection)
      const at = idle.indexOf(connection)
      if (at >= 0) idle.splice(at, 1)
      if (open.size === 0) {
        clearInterval(watch)
        watch = undefined
      }
      next()
    })
    // One timer for all instead of one that is set for each request.
    watch ??= setInterval(look, Math.max(25, Math.min(1_000, Math.min(bounds.busyTimeout, bounds.idleTimeout) / 4)))
    return connection
  }

  function freed(connection: UpstreamConnection): void {
    if (closed) connection.socket.destroy()
    else {
      idle.push(connection)
      next()
    }
  }

  function next(): void {
    const [entry] = waiting
    if (entry === undefined || closed) return
    waiting.delete(entry)
    lend(entry)
  }

  function look(): void {
    const now = performance.now()
    for (const connection of open) {
      const silent = now - connection.heard()
      if (connection.busy()) {
        if (silent > bounds.busyTimeout && !connection.socket.isPaused()) connection.break(timedOut('read'))
      } else if (silent > bounds.idleTimeout) connection.socket.destroy()
    }
  }

  return {
    lend(call, begun) {
      const entry: Waiting = { call, begun }
      lend(entry)
      return { cancel: () => void waiting.delete(entry) }
    },
    close() {
      closed = true
      for (const { socket } of open) socket.destroy()
    },
  }
}

/** A connection that did not come to be is not there; one that fell silent is late. */
function timedOut(syscall: 'connect' | 'read'): NodeJS.ErrnoException {
  return Object.assign(new Error('timed out'), { code: 'ETIMEDOUT', syscall })
}

/** Bytes that came unasked have destroyed it. */
function usable(socket: Socket): boolean {
  return !socket.destroyed && socket.writable
}

/** Bytes: the answers of most requests to programs. */
const smallRead = 8_192
