import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { ListenAddress } from '../config/configuration.ts'
import type { Metrics } from '../metrics/metrics.ts'

export interface Management {
  /** Port, or path of the socket. */
  readonly address: string
  close(): Promise<void>
}

export interface Health {
  /** Whether everything has been started. */
  started(): boolean
  /** Each part that a token request needs, and whether it works now. */
  ready(): Promise<Readonly<Record<string, boolean>>>
}

/** The listener for operators: health and metrics. Plain HTTP: it belongs on a loopback or private address. */
export async function startManagement(address: ListenAddress, health: Health, metrics: Metrics): Promise<Management> {
  const { createServer } = process.getBuiltinModule('node:http')
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const answer = (status: number, body: string, contentType = 'application/json'): void => {
      response.writeHead(status, {
        'content-type': contentType,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-length': Buffer.byteLength(body),
      })
      response.end(request.method === 'HEAD' ? undefined : body)
    }
    const report = (checks: Readonly<Record<string, boolean>>): void => {
      const up = Object.values(checks).every(Boolean)
      const list = Object.entries(checks).map(([name, works]) => ({ name, status: works ? 'UP' : 'DOWN' }))
      answer(up ? 200 : 503, JSON.stringify({ status: up ? 'UP' : 'DOWN', checks: list }))
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, '{"error":"method_not_allowed"}')
    switch (request.url?.split('?', 1)[0]) {
      case '/health/live':
        return report({})
      case '/health/started':
        return report({ started: health.started() })
      case '/health/ready':
        return void health.ready().then(report, () => report({ server: false }))
      case '/metrics':
        return void metrics.exposition().then(
          ({ body, contentType }) => answer(200, body, contentType),
          () => answer(500, '{"error":"metrics_failed"}'),
        )
      default:
        return answer(404, '{"error":"not_found"}')
    }
  })
  server.listen(address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port })
  await once(server, 'listening')
  const bound = server.address() as AddressInfo | string
  return {
    address:
      typeof bound === 'string'
        ? bound
        : `${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
