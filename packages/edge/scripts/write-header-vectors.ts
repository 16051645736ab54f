/**
 * Writes vectors/header-values.json: what the terminators that cannot be run here send, after their documentation, for
 * certificates of our own. Written without the decoders, and kept: a decoder that changes must still read them.
 *
 *   node --conditions=holdfast-source packages/edge/scripts/write-header-vectors.ts && npx prettier --write packages/edge/vectors
 */
import { createHash, X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTestAuthority } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import type { HeaderCase, HeaderVectors } from '../conformance/header-vectors.ts'

const base64 = (der: Buffer): string => der.toString('base64')
const authority = createTestAuthority({ name: 'Vectors' })
const leaf = withBothSigns(() =>
  authority.issue({ commonName: 'partner, "quoted"; CN=x', key: 'rsa-2048', san: { dns: ['partner.example'] } }),
)
const small = withBothSigns(() => authority.issue({ commonName: 'small', san: { uri: ['spiffe://example/small'] } }))
const issuing = authority.issuing
const [leafDer, smallDer, issuingDer] = [leaf, small, issuing].map(({ der }) => Buffer.from(der))
if (leafDer === undefined || smallDer === undefined || issuingDer === undefined) throw new Error('no certificates')

/** As OpenSSL and Go write it: 64 characters to a line. */
const pem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${(base64(der).match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`
const structured = (der: Buffer): string => `:${base64(der)}:`
const flat = (der: Buffer): string => pem(der).trimEnd().replaceAll('\n', ' ')
/** nginx: everything but letters, digits and `-._~`. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
/** AWS: `+ = /` are safe characters. */
const awsEscaped = (text: string): string =>
  encodeURIComponent(text).replaceAll('%2B', '+').replaceAll('%3D', '=').replaceAll('%2F', '/')
const sha256 = (der: Buffer): string => createHash('sha256').update(der).digest('hex')
/** The subject as RFC 2253 has it, where a quote is escaped already. */
const element = (der: Buffer, chain: readonly Buffer[] = []): string =>
  `Hash=${sha256(der)};Cert="${escaped(pem(der))}";Subject="${new X509Certificate(der).subject.split('\n').reverse().join(',')}";URI=` +
  (chain.length === 0 ? '' : `;Chain="${escaped([der, ...chain].map(pem).join(''))}"`)

type Writer = (chain: readonly Buffer[]) => string
interface Format {
  readonly presets: readonly (readonly [preset: string, header: string])[]
  readonly write: Writer
  /** How many of a chain come through: `leaf` where the value holds one certificate. */
  readonly holds: 'leaf' | 'chain'
  /** Values that look right and are not. */
  readonly forged: readonly (readonly [name: string, value: string, reason?: string])[]
  readonly chainHeader?: readonly [name: string, write: Writer]
}

const urlencoded: Format = {
  presets: [
    ['ingress-nginx', 'ssl-client-cert'],
    ['azure-application-gateway', 'X-Client-Certificate'],
    ['aws-api-gateway', 'X-Client-Cert'],
    ['kong', 'X-Client-Cert'],
    ['yarp-x-ssl-cert', 'X-SSL-CERT'],
    ['f5-urlencoded', 'X-Client-Cert'],
  ],
  write: ([der]) => escaped(pem(der ?? leafDer)),
  holds: 'leaf',
  forged: [
    ['decoded once too often', pem(leafDer).replaceAll('\n', ' ')],
    ['encoded twice', escaped(escaped(pem(leafDer)))],
    ['form-encoded blanks', escaped(pem(leafDer)).replaceAll('%2B', '%20')],
    ['another label', escaped(pem(leafDer)).replaceAll('CERTIFICATE', 'TRUSTED%20CERTIFICATE')],
    ['cut off', escaped(pem(leafDer)).slice(0, -50)],
    ['a word', 'SUCCESS'],
  ],
}
const formats: readonly Format[] = [
  urlencoded,
  {
    presets: [
      ['aws-alb', 'X-Amzn-Mtls-Clientcert'],
      ['aws-alb-verify', 'X-Amzn-Mtls-Clientcert-Leaf'],
    ],
    write: (ders) => awsEscaped(ders.map(pem).join('')),
    holds: 'chain',
    forged: [
      ['a literal plus form-decoded', awsEscaped(pem(leafDer)).replaceAll('+', ' ')],
      ['two joined by a comma', `${awsEscaped(pem(leafDer))},${awsEscaped(pem(smallDer))}`],
      ['cut off', awsEscaped(pem(leafDer)).slice(0, -50)],
    ],
  },
  {
    presets: [
      ['yarp', 'X-Client-Cert'],
      ['kestrel', 'X-Client-Cert'],
      ['iis-arr', 'X-ARR-ClientCert'],
      ['azure-app-service', 'X-ARR-ClientCert'],
      ['aspnetcore-module', 'MS-ASPNETCORE-CLIENTCERT'],
      ['fastly', 'X-Client-Cert'],
      ['cloudflare-legacy', 'Cf-Client-Cert-Der-Base64'],
    ],
    write: ([der]) => base64(der ?? leafDer),
    holds: 'leaf',
    forged: [
      ['hexadecimal, as a sample of the platform has it', leafDer.toString('hex')],
      ['with PEM markers', flat(leafDer)],
      ['URL alphabet', leafDer.toString('base64url')],
      ['one byte more', base64(Buffer.concat([leafDer, Buffer.from([0])]))],
      ['two in one', base64(Buffer.concat([leafDer, smallDer]))],
      ['two joined by a comma', `${base64(leafDer)}, ${base64(smallDer)}`],
      ['a blank inside', base64(leafDer).replace('+', ' ')],
    ],
  },
  {
    presets: [['traefik', 'X-Forwarded-Tls-Client-Cert']],
    write: (ders) => ders.map(base64).join(','),
    holds: 'chain',
    forged: [
      ['URL-escaped, as version 2 may', escaped(base64(leafDer))],
      ['an empty element', `${base64(leafDer)},`],
      ['with PEM markers', flat(leafDer)],
    ],
  },
  {
    presets: [['traefik-v2', 'X-Forwarded-Tls-Client-Cert']],
    write: (ders) => ders.map((der) => escaped(base64(der))).join(','),
    holds: 'chain',
    forged: [
      ['escaped twice', escaped(escaped(base64(leafDer)))],
      ['a broken escape', `${escaped(base64(leafDer))}%`],
      ['an empty element', `,${escaped(base64(leafDer))}`],
    ],
  },
  {
    presets: [
      ['envoy', 'x-forwarded-client-cert'],
      ['istio', 'x-forwarded-client-cert'],
      ['azure-container-apps', 'X-Forwarded-Client-Cert'],
    ],
    write: ([der, ...chain]) => element(der ?? leafDer, chain),
    holds: 'chain',
    forged: [
      ['an element of the client in front', `${element(smallDer)},${element(leafDer)}`],
      ['the hash of another', element(leafDer).replace(sha256(leafDer), sha256(smallDer))],
      [
        'a chain of another',
        element(leafDer, [issuingDer]).replace(`Chain="${escaped(pem(leafDer))}`, `Chain="${escaped(pem(smallDer))}`),
      ],
      ['hash and subject only', `Hash=${sha256(leafDer)};Subject="CN=x"`],
      ['an open quote', `Cert="${escaped(pem(leafDer))}`],
      ['two certificates', `Cert="${escaped(pem(leafDer))}";Cert="${escaped(pem(smallDer))}"`],
    ],
  },
  {
    presets: [
      ['f5', 'X-Client-Cert'],
      ['netscaler', 'X-Client-Cert'],
    ],
    write: ([der]) => flat(der ?? leafDer),
    holds: 'leaf',
    forged: [
      ['percent-encoded', escaped(pem(leafDer))],
      ['another label', flat(leafDer).replaceAll('CERTIFICATE', 'PUBLIC KEY')],
      ['text in front', `subject=x ${flat(leafDer)}`],
      ['cut off', flat(leafDer).slice(0, -10)],
    ],
  },
  {
    presets: [
      ['rfc9440', 'Client-Cert'],
      ['google-cloud', 'Client-Cert'],
      ['cloudflare', 'Client-Cert'],
    ],
    write: ([der]) => structured(der ?? leafDer),
    holds: 'leaf',
    chainHeader: ['Client-Cert-Chain', (ders) => ders.map(structured).join(', ')],
    forged: [
      ['without colons', base64(leafDer)],
      ['as a list', `${structured(leafDer)}, ${structured(smallDer)}`],
      ['with a parameter', `${structured(leafDer)};q=1`],
      ['as a string', `"${base64(leafDer)}"`],
    ],
  },
]

const vectors: HeaderVectors = {
  note: 'Values for certificates of our own, in the formats that the vendors document. No value was recorded from a running terminator.',
  certificates: Object.fromEntries(
    Object.entries({ leaf: leafDer, small: smallDer, issuing: issuingDer }).map(([name, der]) => [
      name,
      { der: base64(der), thumbprint: createHash('sha256').update(der).digest('base64url') },
    ]),
  ),
  presets: Object.fromEntries(
    formats.flatMap((format) => format.presets.map(([preset, header]) => [preset, cases(format, header)])),
  ),
}
writeFileSync(join(import.meta.dirname, '../vectors/header-values.json'), `${JSON.stringify(vectors, undefined, 2)}\n`)

function cases({ write, holds, forged, chainHeader }: Format, header: string): readonly HeaderCase[] {
  const lookAlike = header.replaceAll('-', '_')
  const value = write([leafDer ?? Buffer.alloc(0)])
  return [
    { name: 'leaf', lines: [[header, value]], expect: { leaf: 'leaf', chain: [] } },
    {
      name: 'another leaf',
      lines: [[header, write([smallDer ?? Buffer.alloc(0)])]],
      expect: { leaf: 'small', chain: [] },
    },
    ...(holds === 'leaf'
      ? []
      : [
          {
            name: 'leaf and issuer',
            lines: [[header, write([leafDer ?? Buffer.alloc(0), issuingDer ?? Buffer.alloc(0)])]],
            expect: { leaf: 'leaf', chain: ['issuing'] },
          } as const,
        ]),
    ...(chainHeader === undefined
      ? []
      : ([
          {
            name: 'leaf and issuer',
            lines: [
              [header, value],
              [chainHeader[0], chainHeader[1]([issuingDer ?? Buffer.alloc(0)])],
            ],
            expect: { leaf: 'leaf', chain: ['issuing'] },
          },
          {
            name: 'a chain without a leaf',
            lines: [[chainHeader[0], chainHeader[1]([issuingDer ?? Buffer.alloc(0)])]],
            expect: { reason: 'certificate_chain_without_leaf' },
          },
          { name: 'too big for the terminator', lines: [[header, '::']], expect: { absent: 'withheld' } },
        ] as const)),
    { name: 'no header', lines: [], expect: { absent: 'none' } },
    { name: 'an empty header', lines: [[header, '']], expect: { absent: 'none' } },
    { name: 'a dash', lines: [[header, '-']], expect: { absent: 'none' } },
    {
      name: 'too big for us',
      lines: [[header, { text: 'QUFB', times: 20_000 }]],
      expect: { reason: 'certificate_header_too_long' },
    },
    ...forged.map(([name, text]) => ({
      name: `forged: ${name}`,
      lines: [[header, text]] as const,
      expect: { reason: 'certificate_header_malformed' },
    })),
    {
      name: 'forged: a line of the client’s own in front',
      lines: [
        [header, write([smallDer ?? Buffer.alloc(0)])],
        [header, value],
      ],
      expect: { reason: 'certificate_header_repeated' },
    },
    ...(lookAlike === header
      ? []
      : [
          {
            name: 'forged: a look-alike beside it',
            lines: [
              [header, value],
              [lookAlike, write([smallDer ?? Buffer.alloc(0)])],
            ],
            expect: { reason: 'certificate_header_look_alike' },
          } as const,
        ]),
  ]
}

/** A certificate whose base64 has a `+` and a `/`, which is where encodings differ. */
function withBothSigns(make: () => TestCertificate): TestCertificate {
  for (;;) {
    const made = make()
    const text = base64(Buffer.from(made.der))
    if (text.includes('+') && text.includes('/')) return made
  }
}
