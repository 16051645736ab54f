import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { TLSSocket, Server as TlsServer } from 'node:tls'

/**
 * Gives a connection to a TLS server, and its events to nobody else.
 *
 * The server tells of a connection by `this.emit`, and does not say which of those it was given; through a view of it that
 * was made for one connection there is no doubt, also after that has closed and has no address any more.
 */
export function tlsHandOver(
  server: TlsServer,
  socket: Socket,
  told: { readonly secured: (socket: TLSSocket) => void; readonly failed: (code: string) => void },
): void {
  const view = Object.create(server, {
    emit: {
      value(event: string, ...args: unknown[]): boolean {
        switch (event) {
          case 'secureConnection':
            told.secured(args[0] as TLSSocket)
            return true
          case 'tlsClientError': {
            const [error, failed] = args as [NodeJS.ErrnoException, TLSSocket]
            failed.destroy()
            told.failed(error.code ?? 'unknown')
            return true
          }
          default:
            return server.emit(event, ...args)
        }
      },
    },
  }) as TlsServer
  EventEmitter.prototype.emit.call(view, 'connection', socket)
}
