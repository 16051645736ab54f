import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { EdgeLimits, ProxyCertificateOptions, TlsNameCertificate } from './edge-options.ts'
import type { ConnectionRefusal } from './exchange.ts'
import { handshakeAdmission } from './handshake-admission.ts'
import { proxyPeer } from './proxy-certificate.ts'
import type { ProxyPeer } from './proxy-certificate.ts'
import { tlsHandOver } from './tls-hand-over.ts'
import type { TlsHandOver } from './tls-hand-over.ts'
import { tlsNameServer } from './tls-name-server.ts'

/** The TLS of a listener whose proxy proves itself by a certificate. */
export interface ProxyTls {
  /** Ends TLS on a connection and says who is there, or why it was closed. */
  accept(socket: Socket, remoteAddress: string | undefined, secured: (socket: TLSSocket, peer: ProxyPeer) => void): void
  /** New connections get this certificate; throws when it is unusable. */
  replaceCertificate(identity: TlsNameCertificate): void
  /** Closes connections whose handshake has not ended. */
  destroyHandshakes(): void
}

/** Makes the TLS between a proxy and us: one certificate whatever name is asked for, and no session is ever resumed. */
export function proxyTls(
  identity: TlsNameCertificate,
  options: ProxyCertificateOptions,
  limits: EdgeLimits,
  refused: (remoteAddress: string | undefined, refusal: ConnectionRefusal) => void,
): ProxyTls {
  const admission = handshakeAdmission(limits.maxHandshakes, limits.maxHandshakesPerAddress)
  const waiting = new Set<Socket>()
  let handOver = handOverTo(identity, limits)

  return {
    accept(socket, remoteAddress, secured) {
      const address = remoteAddress ?? ''
      const scope = admission.enter(address)
      if (scope !== undefined) {
        const limit = scope === 'listener' ? limits.maxHandshakes : limits.maxHandshakesPerAddress
        refused(remoteAddress, { reason: 'handshakes_limited', scope, limit })
        socket.destroy()
        return
      }
      let waits = true
      waiting.add(socket)
      const leave = (refusal?: ConnectionRefusal): boolean => {
        if (!waits) return false
        waits = false
        clearTimeout(late)
        admission.leave(address)
        waiting.delete(socket)
        if (refusal !== undefined) refused(remoteAddress, refusal)
        return true
      }
      const late = setTimeout(() => {
        leave({ reason: 'handshake_timeout' })
        socket.destroy()
      }, limits.handshakeTimeout)
      socket.on('error', ignore)
      socket.once('close', () => leave({ reason: 'handshake_failed', code: 'ECONNRESET' }))
      handOver(socket, {
        secured(tls) {
          if (leave()) secured(tls, proxyPeer(tls, options))
          else tls.destroy()
        },
        failed(code) {
          leave({ reason: 'handshake_failed', code })
          socket.destroy()
        },
      })
    },
    replaceCertificate(next) {
      handOver = handOverTo(next, limits)
    },
    destroyHandshakes() {
      for (const socket of waiting) socket.destroy()
    },
  }
}

function handOverTo(identity: TlsNameCertificate, limits: EdgeLimits): TlsHandOver {
  const name = { serverName: 'proxy', role: 'mtls', resumption: 'off', protocols: ['http/1.1'] } as const
  return tlsHandOver(tlsNameServer({ ...name, ...identity }, identity, limits.handshakeTimeout))
}

function ignore(): void {
  // The close that follows is what counts.
}
