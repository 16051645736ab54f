import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ClientHello } from './client-hello.ts'
import type { EdgeLimits, TlsListenerOptions, TlsNameCertificate, TlsNameOptions } from './edge-options.ts'
import type { ConnectionRefusal } from './exchange.ts'
import { handshakeAdmission } from './handshake-admission.ts'
import type { ServedHost } from './host-rule.ts'
import type { HttpFront } from './http-front.ts'
import { plainAddress } from './proxy-proof.ts'
import { readClientHello, readProxyHeader } from './read-ahead.ts'
import { captureTls } from './tls-facts.ts'
import { tlsHandOver } from './tls-hand-over.ts'
import type { TlsHandOver } from './tls-hand-over.ts'
import { tlsNameServer } from './tls-name-server.ts'

/** A port on which TLS ends, before it listens. */
export interface TlsListener {
  readonly server: Server
  /** Takes the certificate from now on for new connections; running ones go on. Throws when it is unusable. */
  replaceCertificate(serverName: string, identity: TlsNameCertificate): void
  /** Forgets all sessions of a name, because what a certificate must meet has changed. */
  forgetSessions(serverName: string): void
  /** Closes connections whose handshake has not ended. */
  destroyHandshakes(): void
}

interface TlsName {
  readonly options: TlsNameOptions
  readonly served: ReadonlyMap<string, ServedHost>
  identity: TlsNameCertificate
  handOver: TlsHandOver
}

/** Makes a TLS listener: the ClientHello is read first, then its name's own TLS server takes the connection. */
export function tlsListener(
  options: TlsListenerOptions,
  served: (name: TlsNameOptions) => ServedHost,
  limits: EdgeLimits,
  front: HttpFront,
  refused: (remoteAddress: string | undefined, refusal: ConnectionRefusal) => void,
): TlsListener {
  const admission = handshakeAdmission(limits.maxHandshakes, limits.maxHandshakesPerAddress)
  const waiting = new Set<Socket>()
  const names = new Map<string, TlsName>()
  for (const nameOptions of options.names) {
    const host = served(nameOptions)
    const name: TlsName = {
      options: nameOptions,
      served: new Map([[host.host, host]]),
      identity: nameOptions,
      handOver: tlsHandOver(tlsNameServer(nameOptions, nameOptions, limits.handshakeTimeout)),
    }
    names.set(nameOptions.serverName, name)
  }
  const otherwise =
    options.otherwise === undefined || options.otherwise === 'refuse' ? undefined : options.otherwise.main

  function secured(
    name: TlsName,
    asked: string | undefined,
    remoteAddress: string | undefined,
    socket: TLSSocket,
  ): void {
    // The name that OpenSSL read must be the one by which this server was chosen.
    if (!sameName(socket, asked)) {
      socket.on('error', ignore)
      socket.destroy()
      return
    }
    const captured = captureTls(socket, name.options.serverName, name.options.role === 'mtls')
    front.serve(
      socket,
      {
        served: name.served,
        remoteAddress,
        tls: captured.facts,
        proxy: undefined,
        certificate: captured.certificate,
        certificateRefusal: captured.certificateRefusal,
        lastWritten: undefined,
        lastHost: undefined,
      },
      captured.facts.alpn ?? 'http/1.1',
    )
  }

  function choose(hello: ClientHello): TlsName | undefined {
    const known = hello.serverName === undefined ? undefined : names.get(hello.serverName)
    return known ?? (otherwise === undefined ? undefined : names.get(otherwise))
  }

  function accept(socket: Socket): void {
    socket.on('error', ignore)
    waiting.add(socket)
    const peerAddress = socket.remoteAddress === undefined ? undefined : plainAddress(socket.remoteAddress)
    if (options.proxyProtocol === undefined) return handshake(socket, peerAddress)
    const address = peerAddress ?? ''
    const limit = admission.enter(address)
    if (limit !== undefined) return limited(socket, limit)
    readProxyHeader(socket, options.proxyProtocol, limits.proxyHeaderTimeout, (result) => {
      admission.leave(address)
      if (result.ok) return handshake(socket, result.value?.sourceAddress ?? peerAddress)
      if (result.failure !== undefined) refused(peerAddress, result.failure)
      waiting.delete(socket)
      socket.destroy()
    })
  }

  function handshake(socket: Socket, remoteAddress: string | undefined): void {
    const address = remoteAddress ?? ''
    const limit = admission.enter(address)
    if (limit !== undefined) return limited(socket, limit)
    let late: NodeJS.Timeout | undefined
    let stage: 'hello' | 'handshake' | 'done' = 'hello'
    const leave = (): void => {
      stage = 'done'
      clearTimeout(late)
      admission.leave(address)
      waiting.delete(socket)
    }
    const giveUp = (refusal: ConnectionRefusal): void => {
      if (stage === 'done') return
      leave()
      refused(remoteAddress, refusal)
    }
    socket.once('close', () => {
      // Before the hello it is a probe; after it, a client that did not like what it saw.
      if (stage === 'handshake') giveUp({ reason: 'handshake_failed', code: 'ECONNRESET' })
      else if (stage === 'hello') leave()
    })
    readClientHello(socket, limits.clientHelloTimeout, (result) => {
      if (!result.ok) {
        if (result.failure === undefined) {
          socket.destroy()
          return
        }
        giveUp(result.failure)
        if (result.failure.reason === 'server_name_invalid') alert(socket)
        else socket.destroy()
        return
      }
      const asked = result.value.serverName
      const name = choose(result.value)
      if (name === undefined) {
        giveUp(
          asked === undefined
            ? { reason: 'server_name_missing' }
            : { reason: 'server_name_unknown', serverName: asked },
        )
        alert(socket)
        return
      }
      stage = 'handshake'
      // Node's own time-out begins anew with each byte.
      late = setTimeout(() => {
        giveUp({ reason: 'handshake_timeout' })
        socket.destroy()
      }, limits.handshakeTimeout)
      name.handOver(socket, {
        secured(tls) {
          if (stage !== 'handshake') {
            tls.destroy()
            return
          }
          leave()
          secured(name, asked, remoteAddress, tls)
        },
        failed(code) {
          giveUp({ reason: 'handshake_failed', code })
          socket.destroy()
        },
      })
    })
  }

  function limited(socket: Socket, scope: 'listener' | 'address'): void {
    const limit = scope === 'listener' ? limits.maxHandshakes : limits.maxHandshakesPerAddress
    refused(plainAddress(socket.remoteAddress ?? ''), { reason: 'handshakes_limited', scope, limit })
    waiting.delete(socket)
    socket.destroy()
  }

  function renew(serverName: string, identity?: TlsNameCertificate): void {
    const name = names.get(serverName)
    if (name === undefined) throw new TypeError(`edge: listener ${options.name} has no TLS name ${serverName}`)
    // Handshakes that have begun end on the old one.
    name.handOver = tlsHandOver(tlsNameServer(name.options, identity ?? name.identity, limits.handshakeTimeout))
    if (identity !== undefined) name.identity = identity
  }

  const server = createServer({ noDelay: true }, accept)
  server.maxConnections = limits.maxConnections
  server.on('drop', () => refused(undefined, { reason: 'connections_limited', limit: limits.maxConnections }))
  return {
    server,
    replaceCertificate: renew,
    forgetSessions: (serverName) => renew(serverName),
    destroyHandshakes() {
      for (const socket of waiting) socket.destroy()
    },
  }
}

/**
 * Tells whether OpenSSL read the same name as we did ahead of it.
 *
 * It forgets the name of a session that TLS 1.2 resumes; such a session has met this very server before, because nobody
 * else can open its ticket.
 */
function sameName(socket: TLSSocket, asked: string | undefined): boolean {
  // Not typed so, but `false` or `null` when there is none.
  const given = (socket as { servername?: unknown }).servername
  if (typeof given !== 'string' || given === '') return asked === undefined || socket.isSessionReused()
  return (given.endsWith('.') ? given.slice(0, -1) : given).toLowerCase() === asked
}

/** Tells a TLS client why: fatal alert unrecognized_name (RFC 6066 §3). */
function alert(socket: Socket): void {
  socket.resume()
  socket.end(unrecognizedName, () => socket.destroy())
}

function ignore(): void {
  // The close that follows is what counts.
}

const unrecognizedName = Buffer.from([21, 3, 3, 0, 2, 2, 112])
