import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { TLSSocket, Server as TlsServer } from 'node:tls'
import type { ClientHello } from './client-hello.ts'
import type { EdgeLimits, TlsListenerOptions, TlsNameCertificate, TlsNameOptions } from './edge-options.ts'
import type { ConnectionRefusal } from './exchange.ts'
import { handshakeAdmission } from './handshake-admission.ts'
import type { ServedHost } from './host-rule.ts'
import type { HttpFront } from './http-front.ts'
import { plainAddress } from './proxy-proof.ts'
import { readClientHello, readProxyHeader } from './read-ahead.ts'
import { captureTls } from './tls-facts.ts'
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
  server: TlsServer
}

interface Handshake {
  readonly socket: Socket
  readonly name: TlsName
  /** The name in the ClientHello, which is another where a main name takes unknown ones. */
  readonly asked: string | undefined
  readonly remoteAddress: string | undefined
  leave: () => void
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
  const handshakes = new Map<string, Handshake>()
  const waiting = new Set<Socket>()
  const names = new Map<string, TlsName>()
  for (const nameOptions of options.names) {
    const host = served(nameOptions)
    const name: TlsName = {
      options: nameOptions,
      served: new Map([[host.host, host]]),
      identity: nameOptions,
      server: tlsNameServer(nameOptions, nameOptions, limits.handshakeTimeout),
    }
    watch(name, name.server)
    names.set(nameOptions.serverName, name)
  }
  const otherwise =
    options.otherwise === undefined || options.otherwise === 'refuse' ? undefined : options.otherwise.main

  function watch(name: TlsName, server: TlsServer): void {
    server.on('secureConnection', (socket: TLSSocket) => secured(name, socket))
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      const handshake = handshakes.get(connectionKey(socket))
      if (handshake !== undefined) {
        refused(handshake.remoteAddress, { reason: 'handshake_failed', code: error.code ?? 'unknown' })
        handshake.leave()
        handshake.socket.destroy()
      }
      socket.destroy()
    })
  }

  function secured(name: TlsName, socket: TLSSocket): void {
    socket.on('error', ignore)
    const handshake = handshakes.get(connectionKey(socket))
    // The name that OpenSSL read must be the one by which this server was chosen.
    if (handshake === undefined || handshake.name !== name || !sameName(socket, handshake.asked)) {
      socket.destroy()
      return
    }
    handshake.leave()
    const captured = captureTls(socket, name.options.serverName, name.options.role === 'mtls')
    front.serve(
      socket,
      {
        served: name.served,
        remoteAddress: handshake.remoteAddress,
        tls: captured.facts,
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
    socket.once('close', () => waiting.delete(socket))
    if (options.proxyProtocol === undefined) {
      handshake(socket, socket.remoteAddress === undefined ? undefined : plainAddress(socket.remoteAddress))
      return
    }
    const limit = admission.enter(peer(socket))
    if (limit !== undefined) return limited(socket, limit)
    const peerAddress = peer(socket)
    readProxyHeader(socket, options.proxyProtocol, limits.proxyHeaderTimeout, (result) => {
      admission.leave(peerAddress)
      if (!result.ok) {
        if (result.failure !== undefined) refused(peerAddress, result.failure)
        socket.destroy()
        return
      }
      handshake(socket, result.value?.sourceAddress ?? peerAddress)
    })
  }

  function handshake(socket: Socket, remoteAddress: string | undefined): void {
    const address = remoteAddress ?? ''
    const limit = admission.enter(address)
    if (limit !== undefined) return limited(socket, limit)
    let entered = true
    let key = ''
    let late: NodeJS.Timeout | undefined
    const leave = (): void => {
      if (!entered) return
      entered = false
      clearTimeout(late)
      admission.leave(address)
      waiting.delete(socket)
      if (handshakes.get(key)?.socket === socket) handshakes.delete(key)
    }
    socket.once('close', () => {
      // Before the hello it is a probe; after it, a client that did not like what it saw.
      if (entered && key !== '') refused(remoteAddress, { reason: 'handshake_failed', code: 'ECONNRESET' })
      leave()
    })
    readClientHello(socket, limits.clientHelloTimeout, (result) => {
      if (!result.ok) {
        if (result.failure !== undefined) refused(remoteAddress, result.failure)
        leave()
        if (result.failure?.reason === 'server_name_invalid') alert(socket)
        else socket.destroy()
        return
      }
      const name = choose(result.value)
      if (name === undefined) {
        const { serverName } = result.value
        refused(
          remoteAddress,
          serverName === undefined ? { reason: 'server_name_missing' } : { reason: 'server_name_unknown', serverName },
        )
        leave()
        alert(socket)
        return
      }
      key = connectionKey(socket)
      handshakes.set(key, { socket, name, asked: result.value.serverName, remoteAddress, leave })
      // Node's own time-out begins anew with each byte.
      late = setTimeout(() => {
        refused(remoteAddress, { reason: 'handshake_timeout' })
        leave()
        socket.destroy()
      }, limits.handshakeTimeout)
      name.server.emit('connection', socket)
    })
  }

  function limited(socket: Socket, scope: 'listener' | 'address'): void {
    const limit = scope === 'listener' ? limits.maxHandshakes : limits.maxHandshakesPerAddress
    refused(peer(socket), { reason: 'handshakes_limited', scope, limit })
    socket.destroy()
  }

  function renew(serverName: string, identity?: TlsNameCertificate): void {
    const name = names.get(serverName)
    if (name === undefined) throw new TypeError(`edge: listener ${options.name} has no TLS name ${serverName}`)
    const server = tlsNameServer(name.options, identity ?? name.identity, limits.handshakeTimeout)
    watch(name, server)
    // Handshakes that have begun end on the old one.
    name.server = server
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

/** The four numbers that a TCP connection is known by, the same on the raw socket and on the TLS socket around it. */
function connectionKey(socket: Socket): string {
  return `${socket.remoteAddress}|${socket.remotePort}|${socket.localAddress}|${socket.localPort}`
}

function peer(socket: Socket): string {
  return plainAddress(socket.remoteAddress ?? '')
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
