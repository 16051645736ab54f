import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fail, ok, type Result } from '@holdfast/x509'
import type { ClientEncryptionKey, ClientKeys } from '../client-registration/client-keys.ts'
import type { EncryptionRegistration } from '../client-registration/encryption-registration.ts'
import type { KeySource } from '../client-registration/registered-client.ts'
import type { Encrypter } from '../port/encrypter.ts'
import type { RegisteredKeysFailure } from '../port/registered-keys.ts'
import { encryptedAnswer, type EncryptedAnswerPorts } from './encrypted-answer.ts'

const method = { algorithm: 'ECDH-ES', encoding: 'A256GCM' } as const
const first: ClientEncryptionKey = { kid: 'first', algorithms: ['ECDH-ES'], publicJwk: { kty: 'EC' } }
const second: ClientEncryptionKey = { kid: 'second', algorithms: ['ECDH-ES'], publicJwk: { kty: 'EC' } }
const other: ClientEncryptionKey = { kid: 'other', algorithms: ['RSA-OAEP-256'], publicJwk: { kty: 'RSA' } }
const uri = 'https://app.example/jwks'

function keys(...encryptionKeys: ClientEncryptionKey[]): ClientKeys {
  return { keys: [], thumbprints: new Set(), ...(encryptionKeys.length === 0 ? {} : { encryptionKeys }) }
}

function client(source: KeySource): { readonly encryption: EncryptionRegistration } {
  const nothing = { userinfo: undefined, authorizationResponse: undefined, introspection: undefined }
  return { encryption: { ...nothing, idToken: method, requestObject: undefined, keys: source } }
}

function ports(
  answers: readonly Result<ClientKeys, RegisteredKeysFailure>[] = [],
  encrypter: Encrypter | undefined = { encrypt: (jwt, { kid }) => Promise.resolve(`${jwt} for ${kid}`) },
): EncryptedAnswerPorts {
  const left = [...answers]
  const next = (asked: string): Result<ClientKeys, RegisteredKeysFailure> => {
    assert.equal(asked, uri)
    return left.shift() ?? assert.fail('asked too often')
  }
  return { registeredKeys: { keys: next, keysAfresh: next }, ...(encrypter === undefined ? {} : { encrypter }) }
}

describe('encryptedAnswer', () => {
  const registered = client({ kind: 'registered', keys: keys(other, first, second) })
  const published = client({ kind: 'jwks_uri', uri })

  test('what was not registered to be encrypted goes as it is', async () => {
    assert.deepEqual(await encryptedAnswer('jwt', {}, 'idToken', ports()), ok('jwt'))
    assert.deepEqual(await encryptedAnswer('jwt', registered, 'userinfo', ports()), ok('jwt'))
  })

  test('the first key that fits is encrypted to', async () => {
    assert.deepEqual(await encryptedAnswer('jwt', registered, 'idToken', ports()), ok('jwt for first'))
  })

  test('keys behind a jwks_uri are fetched once more when none of them fits', async () => {
    const answers = [ok(keys(other)), ok(keys(second))]
    assert.deepEqual(await encryptedAnswer('jwt', published, 'idToken', ports(answers)), ok('jwt for second'))
  })

  test('OPENID-CORE-M12 without a key, or without encryption, there is no answer, and never a plain one', async () => {
    const refused: readonly (readonly [
      string,
      { readonly encryption: EncryptionRegistration },
      EncryptedAnswerPorts,
    ])[] = [
      ['no such key in the set of the client', client({ kind: 'registered', keys: keys(other) }), ports()],
      ['no such key in the set of the client', published, ports([ok(keys()), ok(keys(other))])],
      ['away', published, ports([fail({ problem: 'away' })])],
      ['answers are not encrypted here', registered, { registeredKeys: ports().registeredKeys }],
    ]
    for (const [problem, who, by] of refused) {
      const failure = { reason: 'encryption_key_unavailable', algorithm: 'ECDH-ES', problem }
      assert.deepEqual(await encryptedAnswer('jwt', who, 'idToken', by), { ok: false, failure })
    }
    const broken: Encrypter = { encrypt: () => Promise.reject(new Error('not on the curve')) }
    const result = await encryptedAnswer('jwt', registered, 'idToken', ports([], broken))
    assert.ok(!result.ok)
    assert.equal(result.failure.reason, 'signing_unavailable')
  })
})
