import type { TestCertificate } from '@holdfast/testkit'

/** One way in which a client pretends that a terminator had seen a certificate. */
export interface ForgedHeaders {
  readonly label: string
  /** Names and values, in order. */
  readonly lines: readonly (readonly [string, string])[]
}

/** Every name of the strip list, in the encodings that terminators use, in other spellings, doubled, and beside its look-alike. */
export function forgedHeaders(certificate: TestCertificate): ForgedHeaders[] {
  const base64 = Buffer.from(certificate.der).toString('base64')
  const escaped = encodeURIComponent(certificate.pem)
  const encodings = [
    ['percent-encoded PEM', escaped],
    ['base64', base64],
    ['byte sequence', `:${base64}:`],
    ['flat PEM', certificate.pem.trimEnd().replaceAll('\n', ' ')],
    ['XFCC', `Hash=${hex(certificate)};Cert="${escaped}"`],
  ] as const
  const forged: ForgedHeaders[] = []
  for (const name of certificateHeaderNames) {
    for (const [encoding, value] of encodings) forged.push({ label: `${name} ${encoding}`, lines: [[name, value]] })
    for (const spelling of [name.toLowerCase(), name.toUpperCase(), name.replaceAll('-', '_')]) {
      forged.push({ label: spelling, lines: [[spelling, escaped]] })
    }
    const twice = [name, escaped] as const
    forged.push({ label: `${name} twice`, lines: [twice, twice] })
    forged.push({
      label: `${name} beside its look-alike`,
      lines: [
        [name, escaped],
        [name.replaceAll('-', '_'), escaped],
      ],
    })
  }
  for (const verdict of ['X-SSL-VERIFY', 'X_SSL_VERIFY', 'SSL-Client-Verify', 'X-SSL-Client-Verify']) {
    forged.push({
      label: `${verdict} and certificate`,
      lines: [
        ['X-SSL-CERT', escaped],
        [verdict, 'SUCCESS'],
      ],
    })
  }
  return forged
}

/** Values of `Connection` by which a client asks a proxy to drop the headers that the proxy itself sets. */
export const connectionTricks = [
  'close, X-SSL-CERT',
  'close, x-ssl-cert, x-ssl-verify',
  'close, X-SSL-VERIFY',
  'close, Host',
] as const

const certificateHeaderNames = [
  'Client-Cert',
  'Client-Cert-Chain',
  'X-SSL-CERT',
  'X-SSL-Client-Cert',
  'SSL-Client-Cert',
  'X-Client-Cert',
  'X-Client-Certificate',
  'X-Forwarded-Client-Cert',
  'X-Forwarded-Tls-Client-Cert',
  'X-Forwarded-Tls-Client-Cert-Info',
  'X-ARR-ClientCert',
  'MS-ASPNETCORE-CLIENTCERT',
  'X-Amzn-Mtls-Clientcert',
  'X-Amzn-Mtls-Clientcert-Leaf',
  'Cf-Client-Cert-Der-Base64',
  'Client-To-Edge',
  'X-Mtls-Cert',
] as const

function hex(certificate: TestCertificate): string {
  return Buffer.from(certificate.thumbprint, 'base64url').toString('hex')
}
