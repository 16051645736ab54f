import type { ClientRequest } from 'node:http'
import type { ReverseProxyLimits, UpstreamOptions } from './reverse-proxy-options.ts'

/** An application, and the connections that are kept to it. */
export interface Upstream {
  /** Begins a request. Throws when a header or the target cannot be written. */
  request(method: string, target: string, headers: readonly string[]): ClientRequest
  /** Closes what is idle, and what is not. */
  close(): void
}

/** Makes the pool of connections to one application. Certificates of an upstream are always checked. */
export function upstream(options: UpstreamOptions, limits: ReverseProxyLimits): Upstream {
  const { address, tls } = options
  // Not by `import`, which would load the fetch client with node:http.
  const http = process.getBuiltinModule('node:http')
  const https = process.getBuiltinModule('node:https')
  const pool = {
    keepAlive: true,
    maxSockets: limits.maxUpstreamConnections,
    maxFreeSockets: limits.maxUpstreamConnections,
    timeout: limits.upstreamKeepAlive,
    // The one that was used last is the least likely to be closed over there.
    scheduling: 'lifo',
    noDelay: true,
  } as const
  const where = 'path' in address ? { socketPath: address.path } : { host: address.host, port: address.port }
  const agent =
    tls === undefined
      ? new http.Agent(pool)
      : new https.Agent({
          ...pool,
          servername: tls.serverName,
          minVersion: 'TLSv1.2',
          ...(tls.ca === undefined ? {} : { ca: tls.ca }),
          ...(tls.identity === undefined
            ? {}
            : {
                cert: tls.identity.certificate,
                key: tls.identity.key,
                ...(tls.identity.passphrase === undefined ? {} : { passphrase: tls.identity.passphrase }),
              }),
        })
  const begin = tls === undefined ? http.request : https.request
  const common = {
    ...where,
    agent,
    setDefaultHeaders: false,
    ...(tls === undefined ? {} : { servername: tls.serverName }),
  }
  return {
    request: (method, target, headers) =>
      begin({ ...common, method, path: target, headers, timeout: limits.upstreamTimeout }),
    close: () => agent.destroy(),
  }
}
