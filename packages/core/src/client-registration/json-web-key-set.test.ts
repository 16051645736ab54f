import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createSelfSignedCertificate } from '@holdfast/testkit'
import type { CertificateThumbprint } from '../client-certificate/presented-certificate.ts'
import { parseJsonWebKeySet } from './json-web-key-set.ts'

const thumbprint = (der: Uint8Array): CertificateThumbprint =>
  createHash('sha256').update(der).digest('base64url') as CertificateThumbprint
const jwkOf = (key: KeyObject): Record<string, unknown> => ({ ...createPublicKey(key).export({ format: 'jwk' }) })
const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64')
const ec = createSelfSignedCertificate()
const other = createSelfSignedCertificate()
const withCertificate = { ...jwkOf(ec.key), x5c: [base64(ec.der)] }

function problems(...keys: readonly unknown[]): readonly string[] {
  const { keys: parsed, problems } = parseJsonWebKeySet({ keys }, thumbprint)
  assert.equal(parsed.keys.length + problems.length, keys.length, 'a wrong key was kept')
  return problems.map(({ path, problem }) => `${path}: ${problem}`)
}

describe('parseJsonWebKeySet', () => {
  for (const kind of ['ec-p256', 'ec-p384', 'ec-p521', 'ed25519', 'rsa-2048'] as const) {
    test(`RFC8705-M12 a certificate in x5c counts when the ${kind} members hold the same key`, () => {
      const certificate = createSelfSignedCertificate({ key: kind })
      const jwk = { ...jwkOf(certificate.key), x5c: [base64(certificate.der)], 'x5t#S256': certificate.thumbprint }
      const { keys, problems } = parseJsonWebKeySet({ keys: [jwk] }, thumbprint)
      assert.deepEqual(problems, [])
      assert.deepEqual([...keys.thumbprints], [certificate.thumbprint])
    })

    test(`RFC8705-M12 a certificate of another ${kind} key is refused`, () => {
      const certificate = createSelfSignedCertificate({ key: kind })
      const jwk = {
        ...jwkOf(
          kind === 'rsa-2048'
            ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
            : createSelfSignedCertificate({ key: kind }).key,
        ),
        x5c: [base64(certificate.der)],
      }
      assert.deepEqual(problems(jwk), ['keys[0].x5c[0]: the certificate holds another key than the JWK'])
    })
  }

  test('RFC8705-M12 the JWK’s own members are mandatory', () => {
    assert.deepEqual(problems({ x5c: [base64(ec.der)] }), ['keys[0]: a certificate without the key it holds'])
    assert.deepEqual(problems({ ...withCertificate, x: undefined }), ['keys[0].x: not 32 octets in base64url'])
  })

  test('RFC8705-M12 x5t#S256 is not trusted: it must be the thumbprint, and never replaces the certificate', () => {
    assert.deepEqual(problems({ ...withCertificate, 'x5t#S256': other.thumbprint }), [
      'keys[0].x5t#S256: not the thumbprint of x5c[0]',
    ])
    const { keys } = parseJsonWebKeySet({ keys: [{ ...jwkOf(ec.key), 'x5t#S256': other.thumbprint }] }, thumbprint)
    assert.equal(keys.thumbprints.size, 0)
  })

  test('only the first certificate of x5c is registered', () => {
    const jwk = { ...withCertificate, x5c: [base64(ec.der), base64(other.der)] }
    const { keys } = parseJsonWebKeySet({ keys: [jwk] }, thumbprint)
    assert.deepEqual([...keys.thumbprints], [ec.thumbprint])
  })

  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['a private key', { ...ec.key.export({ format: 'jwk' }) }, 'keys[0].d: a private or symmetric key'],
    ['a symmetric key', { kty: 'oct', k: 'AAAA' }, 'keys[0].k: a private or symmetric key'],
    [
      'a short RSA key',
      { kty: 'RSA', n: Buffer.alloc(128, 0xff).toString('base64url'), e: 'AQAB' },
      'keys[0].n: an RSA key of 1024 bits; 2048 to 8192 are accepted',
    ],
    [
      'an even RSA exponent',
      { kty: 'RSA', n: Buffer.alloc(256, 0xff).toString('base64url'), e: 'Ag' },
      'keys[0].e: not an odd number above 1 in base64url',
    ],
    [
      'an RSA exponent of 1',
      { kty: 'RSA', n: Buffer.alloc(256, 0xff).toString('base64url'), e: 'AQ' },
      'keys[0].e: not an odd number above 1 in base64url',
    ],
    ['a kid that is no text', { ...jwkOf(ec.key), kid: 1 }, 'keys[0].kid: not a string'],
    ['an empty x5c', { ...jwkOf(ec.key), x5c: [] }, 'keys[0].x5c: not a list with at least one certificate'],
    [
      'base64url in x5c',
      { ...jwkOf(ec.key), x5c: [`${base64(ec.der).slice(0, -8)}-_AAAAAA`] },
      'keys[0].x5c[0]: not a certificate in base64',
    ],
    ['PEM in x5c', { ...jwkOf(ec.key), x5c: [ec.pem] }, 'keys[0].x5c[0]: not a certificate in base64'],
    ['no object', 'key', 'keys[0]: not a JWK'],
  ]
  for (const [name, jwk, problem] of wrong) {
    test(`${name} is a problem`, () => {
      assert.deepEqual(problems(jwk), [problem])
    })
  }

  test('octets that are no certificate are a problem that says where', () => {
    const [problem] = problems({ ...jwkOf(ec.key), x5c: [base64(Uint8Array.of(0x30, 0x03, 1, 2, 3))] })
    assert.match(problem ?? '', /^keys\[0\]\.x5c\[0\]: not a certificate: /)
  })

  test('a kid that is used twice is a problem; the first key stays', () => {
    const { keys, problems } = parseJsonWebKeySet(
      {
        keys: [
          { ...jwkOf(ec.key), kid: 'a' },
          { ...jwkOf(other.key), kid: 'a' },
        ],
      },
      thumbprint,
    )
    assert.equal(keys.keys.length, 1)
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['keys[1].kid'],
    )
  })

  test('kinds of keys that are not used are passed over', () => {
    const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' })
    const keys = [{ kty: 'XYZ' }, secp256k1, { ...jwkOf(ec.key), use: 'enc' }]
    const parsed = parseJsonWebKeySet({ keys }, thumbprint)
    assert.deepEqual(parsed.keys.keys, [])
    assert.deepEqual(parsed.problems, [])
  })

  test('alg, use and key_ops narrow what a key is used for', () => {
    const cases = [
      [{}, ['ES256']],
      [{ alg: 'ES256', use: 'sig' }, ['ES256']],
      [{ alg: 'ES384' }, []],
      [{ key_ops: ['sign'] }, []],
    ] as const
    for (const [members, algorithms] of cases) {
      const { keys } = parseJsonWebKeySet({ keys: [{ ...jwkOf(ec.key), ...members }] }, thumbprint)
      assert.deepEqual(keys.keys[0]?.algorithms, algorithms)
    }
  })

  for (const value of [null, [], {}, { keys: {} }, 'keys', Object.create({ keys: [] }) as object]) {
    test(`${JSON.stringify(value)} is no JWK Set`, () => {
      const { problems } = parseJsonWebKeySet(value, thumbprint)
      assert.deepEqual(
        problems.map(({ problem }) => problem),
        ['not a JWK Set'],
      )
    })
  }

  test('a set of more than 100 keys is not read', () => {
    const { keys, problems } = parseJsonWebKeySet(
      { keys: Array.from({ length: 101 }, () => jwkOf(ec.key)) },
      thumbprint,
    )
    assert.equal(keys.keys.length, 0)
    assert.equal(problems.length, 1)
  })

  test('any JSON is parsed or a problem, never more', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.dictionary(
          fc.constantFrom('kty', 'crv', 'x', 'y', 'n', 'e', 'x5c', 'kid', 'use', '__proto__'),
          fc.jsonValue(),
        ),
        (value, jwk) => {
          parseJsonWebKeySet(value, thumbprint)
          parseJsonWebKeySet({ keys: [jwk, { ...withCertificate, ...jwk }, value] }, thumbprint)
        },
      ),
    )
  })
})

describe('RFC 8705 Appendix A', () => {
  const file = new URL('rfc-examples.json', vectors())
  test(
    'RFC8705-M16 the certificate has the thumbprint of its cnf, and its JWK is accepted',
    { skip: existsSync(file) ? false : 'the vectors are not here' },
    () => {
      const { items } = JSON.parse(readFileSync(file, 'utf8')) as {
        items: { id: string; jwk: object; cnf: { 'x5t#S256': string } }[]
      }
      const example = items.find(({ id }) => id === 'rfc8705-appendix-a')
      assert.ok(example)
      const { keys, problems } = parseJsonWebKeySet({ keys: [example.jwk] }, thumbprint)
      assert.deepEqual(problems, [])
      assert.deepEqual([...keys.thumbprints], [example.cnf['x5t#S256']])
      assert.equal(example.cnf['x5t#S256'], 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0')
    },
  )
})

function vectors(): URL {
  const folder = process.env['HOLDFAST_VECTORS']
  return folder === undefined
    ? new URL('../../../../../shared/vectors/', import.meta.url)
    : new URL(`file://${folder}/`)
}
