import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'
import type { TlsNameOptions } from '../src/edge-options.ts'
import { createReverseProxy } from '../src/reverse-proxy/create-reverse-proxy.ts'
import type { ReverseProxy } from '../src/reverse-proxy/create-reverse-proxy.ts'
import type {
  ReverseProxyEvent,
  ReverseProxyLimits,
  ReverseProxyName,
  UpstreamOptions,
} from '../src/reverse-proxy/reverse-proxy-options.ts'

/** What the application behind the proxy was asked. */
export interface Asked {
  readonly method: string
  readonly url: string
  /** By lower-case name, all lines. */
  readonly headers: { readonly [name: string]: readonly string[] }
  readonly length: number
  readonly sha256: string
  readonly connection: number
}

export interface UpstreamUnderTest {
  readonly options: UpstreamOptions
  readonly server: Server
  /** Connections that it was given so far. */
  readonly connections: () => number
  readonly asked: Asked[]
}

export type Answering = (request: IncomingMessage, response: ServerResponse) => void

/** Starts an application that answers what it was asked, or as the given paths say. */
export async function startUpstream(
  t: TestContext,
  paths: { readonly [path: string]: Answering } = {},
  more: {
    readonly tls?: ServerOptions
    readonly path?: string
    readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  } = {},
): Promise<UpstreamUnderTest> {
  const asked: Asked[] = []
  const sockets = new Map<Socket, number>()
  let connections = 0
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const special = paths[(request.url ?? '').split('?')[0] ?? '']
    if (special !== undefined) return special(request, response)
    const hash = createHash('sha256')
    let length = 0
    request.on('data', (chunk: Buffer) => {
      hash.update(chunk)
      length += chunk.length
    })
    request.on('end', () => {
      const record: Asked = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: Object.fromEntries(
          Object.entries(request.headersDistinct).map(([name, values]) => [name, values ?? []]),
        ),
        length,
        sha256: hash.digest('hex'),
        connection: sockets.get(request.socket) ?? 0,
      }
      asked.push(record)
      const body = JSON.stringify(record)
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      response.end(body)
    })
  }
  const server = more.tls === undefined ? createServer(answer) : createHttpsServer(more.tls, answer)
  server.on(more.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    sockets.set(socket, ++connections)
    socket.on('close', () => sockets.delete(socket))
  })
  if (more.upgrade !== undefined) server.on('upgrade', more.upgrade)
  server.listen(more.path ?? { host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets.keys()) socket.destroy()
  })
  const address =
    more.path === undefined ? { host: '127.0.0.1', port: (server.address() as AddressInfo).port } : { path: more.path }
  return { options: { address }, server, connections: () => connections, asked }
}

export interface ProxyUnderTest {
  readonly proxy: ReverseProxy
  readonly port: number
  readonly events: ReverseProxyEvent[]
  /** What was told of upstreams: reason and moment. */
  readonly failures: () => string[]
}

/** Starts a reverse proxy in front of it, and stops it after the test. */
export async function startProxy(
  t: TestContext,
  names: readonly TlsNameOptions[],
  upstream: UpstreamOptions,
  limits: Partial<ReverseProxyLimits> = {},
  more: Pick<ReverseProxyName, 'certificateHeader'> = {},
): Promise<ProxyUnderTest> {
  const events: ReverseProxyEvent[] = []
  const proxy = await createReverseProxy({
    listeners: [
      {
        name: 'public',
        address: { host: '127.0.0.1', port: 0 },
        names: names.map((name) => ({ ...name, ...more, upstream })),
      },
    ],
    limits,
    observe: (event) => events.push(event),
  })
  t.after(() => proxy.close(0))
  return {
    proxy,
    port: proxy.listeners[0]?.port ?? 0,
    events,
    failures: () =>
      events.flatMap((event) => (event.event === 'upstream_failed' ? [`${event.failure.reason} ${event.moment}`] : [])),
  }
}
