import { constants, createHash, randomBytes } from 'node:crypto'
import type { Server } from 'node:tls'
import type { TlsNameCertificate, TlsNameOptions } from './edge-options.ts'

/**
 * Makes the TLS side of one name; it never listens, connections are handed to it.
 *
 * A new certificate, or new trust, means a new one of these: keys for tickets and the session id context are made here and
 * nowhere else, so that no session of another name or of an earlier configuration can be resumed. Throws what OpenSSL
 * says when certificate and key are unusable.
 */
export function tlsNameServer(name: TlsNameOptions, identity: TlsNameCertificate, idleTimeout: number): Server {
  const asks = name.role === 'mtls'
  const resumption = name.resumption ?? (asks ? 'off' : 'same-certificate')
  return process.getBuiltinModule('node:tls').createServer({
    cert: identity.certificate,
    key: identity.key,
    ...(identity.passphrase === undefined ? {} : { passphrase: identity.passphrase }),
    requestCert: asks,
    rejectUnauthorized: false,
    // Nobody is trusted here: chains are judged per request, and no list of CAs keeps a client from offering what it has.
    ca: [],
    ALPNProtocols: [...(name.protocols ?? ['h2', 'http/1.1'])],
    minVersion: name.minVersion ?? 'TLSv1.2',
    ciphers: asks ? `${tls13Suites}:${recommendedSuites}` : `${tls13Suites}:${recommendedSuites}:${furtherSuites}`,
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (resumption === 'off' ? constants.SSL_OP_NO_TICKET : 0),
    sessionIdContext: createHash('sha256')
      .update(`${name.serverName}\n`)
      .update(randomBytes(32))
      .digest('hex')
      .slice(0, 32),
    ticketKeys: randomBytes(48),
    handshakeTimeout: idleTimeout,
  })
}

const tls13Suites = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256'
/** RFC 9325 §4.2, the four that it recommends for TLS 1.2; the only ones where no browser comes. */
const recommendedSuites =
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384'
/** Same strength, for people's devices without AES in hardware. */
const furtherSuites = 'ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305'
