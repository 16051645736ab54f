import { isIP } from 'node:net'
import { connect as connectTls, type DetailedPeerCertificate, type SecureVersion, type TLSSocket } from 'node:tls'
import { failed, type Seen } from './seen.ts'

/** Where names lead, and whom to believe. */
export interface Reach {
  /** Answers the address to connect to in place of a name and port. */
  readonly address: (name: string, port: number) => { readonly host: string; readonly port: number }
  /** All of them, where there are several: names lead to IPv4 and IPv6, and to more than one machine. */
  readonly addresses: (
    name: string,
    port: number,
  ) => Promise<readonly { readonly host: string; readonly port: number }[]>
  /** PEM; `undefined` for what Node trusts. */
  readonly ca: readonly string[] | undefined
  /** Milliseconds for one probe. */
  readonly timeout: number
}

/** How one connection is opened. */
export interface Opening {
  readonly name: string
  readonly port: number
  /** Empty: the client names no server. Default: `name`. */
  readonly serverName?: string
  readonly version?: SecureVersion
  readonly alpn?: 'h2' | 'http/1.1'
  readonly certificate?: ShownCertificate | undefined
  readonly session?: Buffer | undefined
}

/** PEM of a certificate with what comes after it, and of its key. */
export interface ShownCertificate {
  readonly chainPem: string
  readonly keyPem: string
}

/** Facts of a handshake, taken inside `secureConnect`: later they are not safe to ask for. */
export interface HandshakeFacts {
  readonly protocol: string
  readonly alpn: string
  readonly resumed: boolean
  /** Whether the server sent a CertificateRequest; means nothing on a resumed session. */
  readonly asked: boolean
  /** Why the server's certificate is not believed; `undefined` when it is. */
  readonly distrust: string | undefined
  /** The same, by the name that OpenSSL or Node has for it. */
  readonly distrustCode: string | undefined
  /** Certificates that the server sent, its own first; `until` in epoch seconds. */
  readonly sent: readonly { readonly subject: string; readonly issuer: string; readonly until: number }[]
  /** DNS names of the server's certificate. */
  readonly names: readonly string[]
  readonly remoteAddress: string
}

export interface OpenConnection {
  readonly socket: TLSSocket
  readonly facts: HandshakeFacts
  /** The newest session, once the server has sent one. */
  readonly session: () => Buffer | undefined
}

/** Opens one TLS connection, or answers what came instead. */
export function openConnection(opening: Opening, reach: Reach): Promise<OpenConnection | Seen> {
  const { name, serverName = name } = opening
  const { host, port } = reach.address(name, opening.port)
  return new Promise((done) => {
    let session = opening.session
    const socket = connectTls({
      host,
      port,
      // Judged by ourselves and told, so that a deployment without a good certificate is examined, too.
      rejectUnauthorized: false,
      servername: isIP(serverName) === 0 ? serverName : '',
      ALPNProtocols: [opening.alpn ?? 'http/1.1'],
      ...(reach.ca === undefined ? {} : { ca: [...reach.ca] }),
      ...(opening.version === undefined ? {} : { minVersion: opening.version, maxVersion: opening.version }),
      ...(opening.certificate === undefined
        ? {}
        : { cert: opening.certificate.chainPem, key: opening.certificate.keyPem }),
      ...(opening.session === undefined ? {} : { session: opening.session }),
    })
    const patience = setTimeout(() => {
      socket.destroy()
      done({ kind: 'silence' })
    }, reach.timeout)
    const end = (result: OpenConnection | Seen): void => {
      clearTimeout(patience)
      done(result)
    }
    socket.on('session', (next) => (session = next))
    socket.on('error', (error) => {
      end(failed(error))
    })
    socket.once('close', () => {
      end({ kind: 'closed' })
    })
    socket.once('secureConnect', () => {
      end({ socket, facts: factsOf(socket, opening.session !== undefined), session: () => session })
    })
  })
}

function factsOf(socket: TLSSocket, offered: boolean): HandshakeFacts {
  const resumed = offered && socket.isSessionReused()
  const certificate = socket.getPeerCertificate(true)
  const { authorizationError } = socket
  const code =
    authorizationError instanceof Error && 'code' in authorizationError ? authorizationError.code : authorizationError
  return {
    protocol: socket.getProtocol() ?? '',
    alpn: socket.alpnProtocol === false ? '' : (socket.alpnProtocol ?? ''),
    resumed,
    asked: !resumed && socket.getSharedSigalgs().length > 0,
    distrust: socket.authorized
      ? undefined
      : authorizationError instanceof Error
        ? authorizationError.message
        : String(authorizationError),
    distrustCode: socket.authorized ? undefined : String(code),
    sent: sentCertificates(certificate),
    names: (certificate.subjectaltname ?? '')
      .split(', ')
      .flatMap((entry) => (entry.startsWith('DNS:') ? [entry.slice(4).toLowerCase()] : [])),
    remoteAddress: socket.remoteAddress ?? '',
  }
}

/** The issuers that the server sent along: of a chain that ends at a root, Node shows that one as its own issuer. */
function sentCertificates(first: DetailedPeerCertificate): HandshakeFacts['sent'] {
  const sent: HandshakeFacts['sent'][number][] = []
  let next: DetailedPeerCertificate | undefined = first
  while (next?.raw !== undefined && sent.length < longestChain) {
    sent.push({ subject: nameOf(next.subject), issuer: nameOf(next.issuer), until: Date.parse(next.valid_to) / 1000 })
    next = (next.issuerCertificate as DetailedPeerCertificate | undefined) === next ? undefined : next.issuerCertificate
  }
  return sent
}

function nameOf(name: DetailedPeerCertificate['subject'] | undefined): string {
  const { CN, OU, O } = (name ?? {}) as Readonly<Record<string, string | readonly string[] | undefined>>
  return String(CN ?? OU ?? O ?? 'somebody without a name')
}

const longestChain = 6
