import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { EdgeLimits, PlainListenerOptions } from './edge-options.ts'
import type { ConnectionRefusal } from './exchange.ts'
import type { ServedHost } from './host-rule.ts'
import type { HttpFront } from './http-front.ts'
import { plainAddress } from './proxy-proof.ts'
import { readProxyHeader } from './read-ahead.ts'

/** Makes a listener without TLS, for a proxy that ends it. */
export function plainListener(
  options: PlainListenerOptions,
  served: ReadonlyMap<string, ServedHost>,
  trusted: ((address: string) => boolean) | undefined,
  limits: EdgeLimits,
  front: HttpFront,
  refused: (remoteAddress: string | undefined, refusal: ConnectionRefusal) => void,
): Server {
  function accept(socket: Socket): void {
    const peer = socket.remoteAddress === undefined ? undefined : plainAddress(socket.remoteAddress)
    if (trusted !== undefined && (peer === undefined || !trusted(peer))) {
      refused(peer, { reason: 'address_not_trusted' })
      socket.destroy()
      return
    }
    if (options.proxyProtocol === undefined) return serve(socket, peer)
    socket.on('error', ignore)
    readProxyHeader(socket, options.proxyProtocol, limits.proxyHeaderTimeout, (result) => {
      if (result.ok) return serve(socket, result.value?.sourceAddress ?? peer)
      if (result.failure !== undefined) refused(peer, result.failure)
      socket.destroy()
    })
  }

  function serve(socket: Socket, remoteAddress: string | undefined): void {
    front.serve(
      socket,
      {
        served,
        remoteAddress,
        tls: undefined,
        certificate: undefined,
        certificateRefusal: undefined,
        lastWritten: undefined,
        lastHost: undefined,
      },
      'http/1.1',
    )
  }

  const server = createServer({ noDelay: true }, accept)
  server.maxConnections = limits.maxConnections
  server.on('drop', () => refused(undefined, { reason: 'connections_limited', limit: limits.maxConnections }))
  return server
}

function ignore(): void {
  // The close that follows is what counts.
}
