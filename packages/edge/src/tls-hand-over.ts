import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { TLSSocket, Server as TlsServer } from 'node:tls'

/** Gives one connection to a TLS server, and its events to nobody else. */
export type TlsHandOver = (socket: Socket, told: TlsHandedOver) => void

/** Who is told how the handshake of a connection ended. */
export interface TlsHandedOver {
  secured(socket: TLSSocket): void
  failed(code: string): void
}

/**
 * Makes the way of handing connections to a TLS server.
 *
 * The server tells of a connection by `this.emit`, and does not say which of those it was given; through a view of it that
 * was made for one connection there is no doubt, also after that has closed and has no address any more.
 */
export function tlsHandOver(server: TlsServer): TlsHandOver {
  // What all views share stands on one object between them and the server: making that for each connection takes seven times as long.
  const shared = Object.create(server, {
    emit: {
      value(this: View, event: string, ...args: unknown[]): boolean {
        switch (event) {
          case 'secureConnection':
            this.told.secured(args[0] as TLSSocket)
            return true
          case 'tlsClientError': {
            const [error, failed] = args as [NodeJS.ErrnoException, TLSSocket]
            failed.destroy()
            this.told.failed(error.code ?? 'unknown')
            return true
          }
          default:
            return server.emit(event, ...args)
        }
      },
    },
  }) as TlsServer
  return (socket, told) => {
    const view = Object.create(shared) as View
    view.told = told
    EventEmitter.prototype.emit.call(view, 'connection', socket)
  }
}

interface View extends TlsServer {
  told: TlsHandedOver
}
