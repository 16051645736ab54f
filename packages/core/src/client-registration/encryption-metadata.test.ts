import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import type { CertificateThumbprint } from '../client-certificate/presented-certificate.ts'
import type { EncryptionOffer } from './encryption-metadata.ts'
import { encryptionMetadata, requestEncryption } from './encryption-metadata.ts'
import type { EncryptionRegistration } from './encryption-registration.ts'
import { parseJsonWebKeySet } from './json-web-key-set.ts'
import { MetadataProblems } from './metadata-problem.ts'
import type { SecurityProfile } from './security-profile.ts'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
const ed = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const offered: EncryptionOffer = { answers: 'offered', requestKey: 'EC' }
const published = { kind: 'jwks_uri', uri: 'https://app.example/jwks' } as const
const signedToo = { userinfo_signed_response_alg: 'ES256' }

function read(
  record: object,
  {
    jwks,
    profile = 'none',
    offer = offered,
  }: {
    readonly jwks?: readonly object[] | 'none'
    readonly profile?: SecurityProfile
    readonly offer?: EncryptionOffer
  } = {},
): { readonly registration: EncryptionRegistration | undefined; readonly told: readonly (readonly string[])[] } {
  const problems = new MetadataProblems()
  const source = (): typeof published | { kind: 'registered'; keys: ReturnType<typeof keysOf> } | undefined =>
    jwks === undefined ? published : jwks === 'none' ? undefined : { kind: 'registered', keys: keysOf(jwks) }
  const registration = encryptionMetadata(new Map(Object.entries(record)), source, profile, offer, problems)
  return { registration, told: problems.found.map(({ path, problem }) => [path, problem]) }
}

function keysOf(keys: readonly object[]): ReturnType<typeof parseJsonWebKeySet>['keys'] {
  return parseJsonWebKeySet({ keys }, () => '' as CertificateThumbprint).keys
}

describe('encryptionMetadata', () => {
  test('a client that registers none of it has none of it, and its keys are not looked at', () => {
    const problems = new MetadataProblems()
    const source = (): never => assert.fail('looked at')
    assert.equal(encryptionMetadata(new Map(), source, 'none', offered, problems), undefined)
  })

  test('RFC9701-J13 OPENID-CORE-M12 each kind has its own method, A128CBC-HS256 unless said', () => {
    const { registration, told } = read({
      ...signedToo,
      id_token_encrypted_response_alg: 'ECDH-ES',
      userinfo_encrypted_response_alg: 'RSA-OAEP-256',
      userinfo_encrypted_response_enc: 'A256GCM',
      authorization_encrypted_response_alg: 'ECDH-ES+A128KW',
      authorization_encrypted_response_enc: 'A128GCM',
      introspection_encrypted_response_alg: 'ECDH-ES+A256KW',
      request_object_encryption_alg: 'ECDH-ES',
    })
    assert.deepEqual(told, [])
    assert.deepEqual(registration, {
      idToken: { algorithm: 'ECDH-ES', encoding: 'A128CBC-HS256' },
      userinfo: { algorithm: 'RSA-OAEP-256', encoding: 'A256GCM' },
      authorizationResponse: { algorithm: 'ECDH-ES+A128KW', encoding: 'A128GCM' },
      introspection: { algorithm: 'ECDH-ES+A256KW', encoding: 'A128CBC-HS256' },
      requestObject: { algorithm: 'ECDH-ES', encoding: 'A128CBC-HS256' },
      keys: published,
    })
  })

  const idToken = (alg: string, enc?: string): object => ({
    id_token_encrypted_response_alg: alg,
    ...(enc === undefined ? {} : { id_token_encrypted_response_enc: enc }),
  })
  const at = 'id_token_encrypted_response_alg'
  const wrong: readonly (readonly [string, object, Parameters<typeof read>[1], string, RegExp])[] = [
    ['FAPI1-ADVANCED-M9 RSA1_5', idToken('RSA1_5'), {}, at, /no such value/],
    ['RSA-OAEP with SHA-1', idToken('RSA-OAEP'), {}, at, /no such value/],
    ['a shared key', idToken('dir'), {}, at, /no such value/],
    ['a password', idToken('PBES2-HS256+A128KW'), {}, at, /no such value/],
    ['an unknown encoding', idToken('ECDH-ES', 'A192GCM'), {}, 'id_token_encrypted_response_enc', /no such value/],
    [
      'an encoding alone',
      { id_token_encrypted_response_enc: 'A256GCM' },
      {},
      'id_token_encrypted_response_enc',
      /means nothing without/,
    ],
    ['no keys', idToken('ECDH-ES'), { jwks: 'none' }, at, /has no keys/],
    ['a key for signatures only', idToken('ECDH-ES'), { jwks: [{ ...ec, use: 'sig' }] }, 'jwks', /no key for ECDH-ES/],
    ['a key that does not say what for', idToken('ECDH-ES'), { jwks: [ec] }, 'jwks', /no key for ECDH-ES/],
    [
      'a key of another kind',
      idToken('RSA-OAEP-256'),
      { jwks: [{ ...ec, use: 'enc' }] },
      'jwks',
      /no key for RSA-OAEP/,
    ],
    [
      'a key for another algorithm',
      idToken('ECDH-ES'),
      { jwks: [{ ...ec, use: 'enc', alg: 'ECDH-ES+A256KW' }] },
      'jwks',
      /no key for ECDH-ES/,
    ],
    ['switched off', idToken('ECDH-ES'), { offer: { answers: 'off', requestKey: 'EC' } }, at, /not encrypted here/],
    [
      'userinfo that is not signed',
      { userinfo_encrypted_response_alg: 'ECDH-ES' },
      {},
      'userinfo_encrypted_response_alg',
      /signed first/,
    ],
    [
      'requests where the server has no key',
      { request_object_encryption_alg: 'ECDH-ES' },
      { offer: { answers: 'offered', requestKey: 'off' } },
      'request_object_encryption_alg',
      /no key for that/,
    ],
    [
      'requests for a key of another kind',
      { request_object_encryption_alg: 'RSA-OAEP-256' },
      {},
      'request_object_encryption_alg',
      /no such value/,
    ],
  ]
  for (const [what, record, options, path, problem] of wrong) {
    test(`${what} is refused`, () => {
      const { told } = read(record, options)
      assert.deepEqual(
        told.map(([where]) => where),
        [path],
      )
      assert.match(told[0]?.[1] ?? '', problem)
    })
  }

  test('Open Finance Brasil: RSA-OAEP with A256GCM, which must be said', () => {
    const options = {
      profile: 'brazil',
      offer: { answers: 'offered', requestKey: 'RSA' },
      jwks: [{ ...rsa, use: 'enc' }],
    } as const
    const { registration, told } = read(idToken('RSA-OAEP', 'A256GCM'), options)
    assert.deepEqual(told, [])
    assert.deepEqual(registration?.idToken, { algorithm: 'RSA-OAEP', encoding: 'A256GCM' })
    assert.deepEqual(read(idToken('RSA-OAEP-256', 'A256GCM'), options).told[0]?.[0], at)
    assert.match(read(idToken('RSA-OAEP'), options).told[0]?.[1] ?? '', /default A128CBC-HS256 is not allowed/)
    assert.deepEqual(requestEncryption('brazil', 'RSA'), { algorithms: ['RSA-OAEP'], encodings: ['A256GCM'] })
    assert.deepEqual(requestEncryption('brazil', 'EC').algorithms, [])
  })
})

describe('keys for encryption in a JWK Set', () => {
  test('they are found by use or alg, beside those for signatures', () => {
    const { keys, encryptionKeys } = keysOf([
      { ...ec, kid: 'signs', use: 'sig' },
      { ...ec, kid: 'by-use', use: 'enc' },
      { ...rsa, kid: 'by-alg', alg: 'RSA-OAEP-256' },
      { ...ed, kid: 'signs-too' },
    ])
    assert.deepEqual(
      encryptionKeys?.map(({ kid, algorithms }) => [kid, algorithms]),
      [
        ['by-use', ['ECDH-ES+A256KW', 'ECDH-ES+A128KW', 'ECDH-ES']],
        ['by-alg', ['RSA-OAEP-256']],
      ],
    )
    assert.deepEqual(
      keys.filter(({ algorithms }) => algorithms.length > 0).map(({ kid }) => kid),
      ['signs', 'signs-too'],
    )
  })

  test('one with a private part, of a weak kind, or off its curve is none', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
    for (const key of [{ ...ec, d: 'AAAA' }, { ...ec, x: 'AAAA' }, { ...ec, crv: 'secp256k1' }, weak]) {
      assert.equal(keysOf([{ ...key, use: 'enc' }]).encryptionKeys, undefined)
    }
  })
})
