import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { EdgeLimits, PlainListenerOptions } from './edge-options.ts'
import type { ConnectionRefusal } from './exchange.ts'
import type { ServedHost } from './host-rule.ts'
import type { HttpFront } from './http-front.ts'
import type { ProxyPeer } from './proxy-certificate.ts'
import { plainAddress } from './proxy-proof.ts'
import type { ProxyTls } from './proxy-tls.ts'
import { readProxyHeader } from './read-ahead.ts'

/** Makes a listener for a proxy that ends the clients' TLS; `tls` is that of the proxy itself, where it proves itself so. */
export function plainListener(
  options: PlainListenerOptions,
  served: ReadonlyMap<string, ServedHost>,
  trusted: ((address: string) => boolean) | undefined,
  tls: ProxyTls | undefined,
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
    if (options.proxyProtocol === undefined) return secure(socket, peer)
    socket.on('error', ignore)
    readProxyHeader(socket, options.proxyProtocol, limits.proxyHeaderTimeout, (result) => {
      if (result.ok) {
        secure(socket, result.value?.sourceAddress ?? peer)
        // Over TLS it is read by its handle, and what is here already must wait for that.
        if (tls === undefined) socket.resume()
        return
      }
      if (result.failure !== undefined) refused(peer, result.failure)
      socket.destroy()
    })
  }

  function secure(socket: Socket, remoteAddress: string | undefined): void {
    if (tls === undefined) return serve(socket, remoteAddress, undefined)
    tls.accept(socket, remoteAddress, (secured, proxy) => serve(secured, remoteAddress, proxy))
  }

  function serve(socket: Duplex, remoteAddress: string | undefined, proxy: ProxyPeer | undefined): void {
    front.serve(
      socket,
      {
        served,
        remoteAddress,
        tls: undefined,
        proxy,
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
