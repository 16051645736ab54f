import type { ClientRequest } from 'node:http'
import { connect as connectTcp } from 'node:net'
import type { OnReadOpts, Socket } from 'node:net'
import { type ConnectionPool, connectionPool } from './connection-pool.ts'
import type { ReverseProxyLimits, UpstreamOptions } from './reverse-proxy-options.ts'

/** An application, and the connections that are kept to it. */
export interface Upstream {
  readonly lend: ConnectionPool['lend']
  /** Begins a request for a WebSocket, on a connection of its own. Throws when a header or the target cannot be written. */
  upgrade(method: string, target: string, headers: readonly string[]): ClientRequest
  /** Closes what is idle, and what is not. */
  close(): void
}

/** Makes the pool of connections to one application. Certificates of an upstream are always checked. */
export function upstream({ address, tls }: UpstreamOptions, limits: ReverseProxyLimits): Upstream {
  const where = 'path' in address ? { path: address.path } : { host: address.host, port: address.port }
  const secured =
    tls === undefined
      ? undefined
      : {
          ...where,
          servername: tls.serverName,
          minVersion: 'TLSv1.2' as const,
          ...(tls.ca === undefined ? {} : { ca: tls.ca }),
          ...(tls.identity === undefined
            ? {}
            : {
                cert: tls.identity.certificate,
                key: tls.identity.key,
                ...(tls.identity.passphrase === undefined ? {} : { passphrase: tls.identity.passphrase }),
              }),
        }
  const connect = (onread?: OnReadOpts): Socket => {
    const read = onread === undefined ? {} : { onread }
    if (secured === undefined) return connectTcp({ ...where, ...read, noDelay: true })
    // It hands `onread` to its socket, which its types do not say.
    return process
      .getBuiltinModule('node:tls')
      .connect({ ...secured, ...read })
      .setNoDelay(true)
  }
  const pool = connectionPool(connect, {
    connections: limits.maxUpstreamConnections,
    connectTimeout: limits.connectTimeout,
    busyTimeout: limits.upstreamTimeout,
    idleTimeout: limits.upstreamKeepAlive,
  })
  return {
    lend: (call, begun) => pool.lend(call, begun),
    // Not by `import`: it would load Node's fetch client.
    upgrade: (method, target, headers) =>
      process.getBuiltinModule('node:http').request({
        createConnection: () => connect(),
        setDefaultHeaders: false,
        method,
        path: target,
        headers,
        timeout: limits.upstreamTimeout,
      }),
    close: () => pool.close(),
  }
}
