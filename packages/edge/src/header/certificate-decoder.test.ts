import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import { fail } from '@holdfast/x509'
import fc from 'fast-check'
import { base64Der } from './base64-der.ts'
import { base64DerList } from './base64-der-list.ts'
import type { CertificateDecoder } from './certificate-decoder.ts'
import { derConcat } from './der-concat.ts'
import { derElementLength } from './der-element-length.ts'
import { pemFlat } from './pem-flat.ts'
import { pemUrlencoded } from './pem-urlencoded.ts'
import { rfc9440, rfc9440Chain } from './rfc9440.ts'
import { xfcc } from './xfcc.ts'

const authority = createTestAuthority()
const leaf = authority.issue({ commonName: 'client' })
const issuing = authority.issuing
const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64')
const xfccOnly: CertificateDecoder = (value) => xfcc(value, { element: 'only', pem: 'urlencoded' })
const xfccEither: CertificateDecoder = (value) => xfcc(value, { element: 'only', pem: 'either' })
const pem = leaf.pem
const urlencoded = encodeURIComponent(pem)
const flat = pem.trimEnd().replaceAll('\n', ' ')

const decoders: readonly {
  readonly name: string
  readonly decode: CertificateDecoder
  readonly write: (ders: readonly Uint8Array[]) => string
  readonly several: boolean
}[] = [
  { name: 'rfc9440', decode: rfc9440, several: false, write: ([der]) => `:${base64(der ?? new Uint8Array())}:` },
  {
    name: 'rfc9440-chain',
    decode: rfc9440Chain,
    several: true,
    write: (ders) => ders.map((der) => `:${base64(der)}:`).join(', '),
  },
  { name: 'base64-der', decode: base64Der, several: false, write: ([der]) => base64(der ?? new Uint8Array()) },
  { name: 'base64-der-list', decode: base64DerList, several: true, write: (ders) => ders.map(base64).join(',') },
  { name: 'der-concat', decode: derConcat, several: true, write: (ders) => base64(Buffer.concat(ders)) },
  {
    name: 'pem-urlencoded',
    decode: pemUrlencoded,
    several: true,
    write: (ders) => encodeURIComponent(ders.map(pemOf).join('')),
  },
  {
    name: 'pem-flat',
    decode: pemFlat,
    several: true,
    write: (ders) => ders.map(pemOf).join('').trimEnd().replaceAll('\n', ' '),
  },
  {
    name: 'xfcc',
    decode: xfccOnly,
    several: true,
    write: (ders) =>
      `Hash=${sha256(ders[0])};Cert="${encodeURIComponent(pemOf(ders[0] ?? new Uint8Array()))}";Subject="O=A\\"B,CN=x";URI=;Chain="${encodeURIComponent(ders.map(pemOf).join(''))}"`,
  },
]

for (const { name, decode, write, several } of decoders) {
  test(`${name}: certificates that are written so come back byte by byte`, () => {
    const certificates = several ? [leaf.der, issuing.der] : [leaf.der]
    assert.deepEqual(hexes(decode(write(certificates))), certificates.map(hex))
  })

  test(`${name}: nothing can stand behind or before the certificate`, () => {
    const longer = Buffer.concat([leaf.der, Buffer.from([0])])
    const shorter = leaf.der.subarray(0, -1)
    for (const der of [longer, shorter, Buffer.from([0x30, 0x80, 0, 0]), Buffer.from([0x31, 1, 0])]) {
      assert.equal(decode(write([der])).ok, false)
    }
    const value = write([leaf.der])
    // A further key of an XFCC element is not ours to know.
    const before = name === 'xfcc' ? `=${value}` : `x${value}`
    for (const text of [before, `${value}x`, `${value},`, `,${value}`, `${value}${value.slice(0, 10)}`]) {
      assert.equal(decode(text).ok, false, text.slice(-20))
    }
  })

  test(`${name}: any text gives certificates that fill their bytes, or a problem`, () => {
    const value = write([leaf.der])
    const changed = fc
      .tuple(fc.nat(value.length), fc.string({ maxLength: 4 }))
      .map(([at, text]) => value.slice(0, at) + text + value.slice(at + text.length))
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 200 }), changed), (text) => {
        const decoded = decode(text)
        if (decoded.ok) for (const der of decoded.value) assert.equal(derElementLength(der, 0), der.length)
      }),
      { numRuns: 300 },
    )
  })
}

test('more than five certificates are refused by every format that can hold several', () => {
  const six = Array.from({ length: 6 }, () => leaf.der)
  for (const { name, decode, write, several } of decoders) {
    if (several) assert.deepEqual(decode(write(six)), fail('too_many_certificates'), name)
  }
})

test('base64 with line breaks, blanks, the URL alphabet, no padding or set padding bits is refused', () => {
  const text = base64(leaf.der)
  const urlAlphabet = text.replaceAll('+', '-').replaceAll('/', '_')
  for (const value of [
    `${text}\n`,
    ` ${text}`,
    text.replace(/=+$/, ''),
    `${text}====`,
    `${text.slice(0, 40)} ${text.slice(40)}`,
  ]) {
    if (value !== text) assert.equal(base64Der(value).ok, false, JSON.stringify(value.slice(-8)))
  }
  if (urlAlphabet !== text) assert.equal(base64Der(urlAlphabet).ok, false)
  assert.deepEqual(base64Der('MAF='), fail('base64'))
  assert.deepEqual(base64Der('MAE='), fail('der_length'))
})

test('percent-encoded PEM keeps a literal plus, and refuses one that was decoded to a blank', () => {
  const withPlus = certificateWithPlus()
  const literal = pemOf(withPlus).replaceAll('\n', '%0A')
  assert.match(literal, /\+/)
  assert.deepEqual(hexes(pemUrlencoded(literal)), [hex(withPlus)])
  assert.equal(pemUrlencoded(literal.replaceAll('+', ' ')).ok, false)
  assert.equal(pemUrlencoded(literal.replaceAll('+', '%20')).ok, false)
})

test('percent-encoded PEM with broken escapes, other labels or text around the blocks is refused', () => {
  for (const value of [
    '%',
    '%zz',
    '%ff%fe',
    urlencoded.replace('CERTIFICATE', 'PRIVATE%20KEY'),
    urlencoded.replace('-----BEGIN', '----BEGIN'),
    `subject%3Dx%0A${urlencoded}`,
    `${urlencoded}x`,
    encodeURIComponent(urlencoded),
    '-----BEGIN%20CERTIFICATE-----',
    flat,
  ]) {
    assert.equal(pemUrlencoded(value).ok, false, value.slice(0, 40))
  }
})

test('flat PEM takes blanks and tabs, not line breaks', () => {
  assert.deepEqual(hexes(pemFlat(flat.replaceAll(' ', '\t').replaceAll('\tCERTIFICATE', ' CERTIFICATE'))), [
    hex(leaf.der),
  ])
  assert.equal(pemFlat(pem).ok, false)
})

test('a second element of x-forwarded-client-cert is refused unless the operator said which one counts', () => {
  const one = `Cert="${urlencoded}"`
  const other = `Cert="${encodeURIComponent(issuing.pem)}"`
  assert.deepEqual(xfccOnly(`${one},${other}`), fail('xfcc_several_elements'))
  assert.deepEqual(hexes(xfcc(`${one},${other}`, { element: 'first', pem: 'urlencoded' })), [hex(leaf.der)])
  assert.deepEqual(hexes(xfcc(`${one},${other}`, { element: 'last', pem: 'urlencoded' })), [hex(issuing.der)])
})

test('a name in the client’s certificate that forges an element is not taken for the last one', () => {
  const own = `Hash=${sha256(leaf.der)};Cert="${urlencoded}"`
  const victim = `Hash=${sha256(issuing.der)};Cert="${encodeURIComponent(issuing.pem)}"`
  for (const name of ['URI', 'DNS'])
    for (const forged of [`${own};${name}=x,${victim}`, `${own};${name}=x,${victim};DNS=y`])
      for (const element of ['only', 'last'] as const)
        assert.deepEqual(xfcc(forged, { element, pem: 'urlencoded' }), fail('xfcc_several_elements'))
  assert.deepEqual(xfccOnly(`${own};URI=x;Cert="${encodeURIComponent(issuing.pem)}"`), fail('xfcc_grammar'))
})

test('quotes keep commas and semicolons of a subject from making an element', () => {
  const forged = `Subject="CN=a\\",Cert=\\"${encodeURIComponent(issuing.pem)}";Cert="${urlencoded}"`
  assert.deepEqual(hexes(xfccOnly(forged)), [hex(leaf.der)])
})

test('an element whose hash, chain or certificate disagree is refused with its kind', () => {
  const other = encodeURIComponent(issuing.pem)
  assert.deepEqual(xfccOnly(`Hash=${sha256(issuing.der)};Cert="${urlencoded}"`), fail('xfcc_hash_mismatch'))
  assert.deepEqual(xfccOnly(`Cert="${urlencoded}";Chain="${other}"`), fail('xfcc_chain_mismatch'))
  assert.deepEqual(xfccOnly(`Hash=${'0'.repeat(64)};Subject="CN=x"`), fail('xfcc_without_certificate'))
  assert.deepEqual(xfccOnly(`Cert="${urlencoded}";Cert="${other}"`), fail('xfcc_grammar'))
  assert.deepEqual(xfccOnly(`Cert="${urlencoded}`), fail('xfcc_grammar'))
  assert.deepEqual(hexes(xfccOnly(`Chain="${urlencoded}"`)), [hex(leaf.der)])
})

test('plain PEM in x-forwarded-client-cert is read only where the preset says that it may come', () => {
  assert.deepEqual(hexes(xfccEither(`Cert="${flat}"`)), [hex(leaf.der)])
  assert.deepEqual(hexes(xfccEither(`Cert="${urlencoded}"`)), [hex(leaf.der)])
  assert.equal(xfccOnly(`Cert="${flat}"`).ok, false)
})

test('only the shortest form of a length is taken', () => {
  for (const bytes of [
    [0x30, 0x81, 0x01, 0],
    [0x30, 0x82, 0x00, 0x80],
    [0x30, 0x80],
    [0x30, 0x84, 0, 0, 0, 1],
    [0x30],
    [],
    [0x30, 2, 0],
  ]) {
    assert.equal(derElementLength(Uint8Array.from(bytes), 0), undefined, bytes.join())
  }
  assert.equal(derElementLength(Uint8Array.from([0x30, 0]), 0), 2)
  assert.equal(derElementLength(Uint8Array.from([0x30, 0x81, 0x80, ...new Uint8Array(130)]), 0), 131)
})

function pemOf(der: Uint8Array): string {
  const lines = base64(der).match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

function hex(der: Uint8Array | undefined): string {
  return Buffer.from(der ?? []).toString('hex')
}

function sha256(der: Uint8Array | undefined): string {
  return createHash('sha256')
    .update(der ?? '')
    .digest('hex')
}

function hexes(result: ReturnType<CertificateDecoder>): unknown {
  return result.ok ? result.value.map(hex) : result.failure
}

function certificateWithPlus(): Uint8Array {
  for (;;) {
    const { der } = authority.issue()
    if (/\+/.test(base64(der))) return der
  }
}
