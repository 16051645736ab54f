import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { thumbprintOf } from '../endpoint/fake-ports.test.ts'
import { parseClientMetadata } from './client-metadata.ts'
import type { SecurityProfile } from './security-profile.ts'

const jwks = { keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })] }
const usual = {
  client_id: 'acme',
  token_endpoint_auth_method: 'private_key_jwt',
  jwks,
  tls_client_certificate_bound_access_tokens: true,
  grant_types: ['authorization_code'],
  redirect_uris: ['https://app.example/cb'],
}

function read(server: SecurityProfile, changes: object): ReturnType<typeof parseClientMetadata> {
  return parseClientMetadata(JSON.parse(JSON.stringify({ ...usual, ...changes })) as unknown, {
    authenticationMethods: ['tls_client_auth', 'private_key_jwt', 'client_secret_basic', 'none'],
    grantTypes: ['authorization_code', 'client_credentials'],
    trust: ['partners'],
    profile: server,
    unknownMembers: 'refuse',
    thumbprint: thumbprintOf,
    authorization: {
      responseTypes: ['code', 'code id_token'],
      signingAlgorithms: ['ES256'],
      requestAlgorithms: ['ES256', 'PS256', 'RS256'],
      authorizationDetailsTypes: [],
      pairwiseSubjects: 'off',
    },
  })
}

function problems(server: SecurityProfile, changes: object): readonly string[] {
  const client = read(server, changes)
  return client.ok ? [] : client.failure.map(({ path }) => path)
}

describe('the profile of a client', () => {
  test('is its own, and stricter than the server’s where that has one', () => {
    const client = read('none', { profile: 'fapi2' })
    assert.ok(client.ok)
    assert.equal(client.value.profile, 'fapi2')
    assert.deepEqual(problems('fapi2', { profile: 'fapi2-message-signing' }), [])
    assert.deepEqual(problems('fapi2', { profile: 'none' }), ['profile'])
    assert.deepEqual(problems('fapi1-advanced', { profile: 'fapi2' }), ['profile'])
    assert.deepEqual(problems('none', { profile: 'fapi3' }), ['profile'])
  })

  test('narrows what the client may sign with', () => {
    const algorithms = (profile: string): readonly string[] => {
      const client = read('none', { profile })
      assert.ok(client.ok && client.value.authentication.method === 'private_key_jwt', profile)
      return client.value.authentication.algorithms
    }
    assert.deepEqual(algorithms('none'), ['ES256', 'EdDSA', 'PS256', 'RS256'])
    assert.deepEqual(algorithms('fapi2'), ['ES256', 'EdDSA', 'PS256'])
    assert.deepEqual(algorithms('fapi1-advanced'), ['ES256', 'PS256'])
    assert.deepEqual(problems('none', { profile: 'fapi2', token_endpoint_auth_signing_alg: 'RS256' }), [
      'token_endpoint_auth_signing_alg',
    ])
  })
})

describe('what a profile demands of a registration, its own or the server’s', () => {
  const bearer = { tls_client_certificate_bound_access_tokens: undefined }
  const secret = { token_endpoint_auth_method: 'client_secret_basic', client_secret_hash: 'hash', jwks: undefined }
  const dpop = { ...bearer, dpop_bound_access_tokens: true }
  const cases: readonly (readonly [SecurityProfile, object, readonly string[]])[] = [
    ['fapi2', {}, []],
    ['fapi2', secret, ['token_endpoint_auth_method']],
    ['fapi2', { token_endpoint_auth_method: 'none', jwks: undefined }, ['token_endpoint_auth_method']],
    ['fapi2', bearer, ['binding']],
    ['fapi2', dpop, []],
    ['fapi2', { response_types: ['code', 'code id_token'] }, ['response_types']],
    ['fapi2-message-signing', { response_types: ['code id_token'] }, ['response_types']],
    ['fapi1-advanced', { response_types: ['code id_token'] }, []],
    ['fapi1-advanced', dpop, ['binding']],
    ['fapi1-advanced', secret, ['token_endpoint_auth_method']],
    ['none', { ...bearer, ...secret }, []],
  ]
  for (const [profile, changes, expected] of cases) {
    test(`${profile}, ${JSON.stringify(changes)}: ${expected.join(' ') || 'nothing'}`, () => {
      assert.deepEqual(problems(profile, changes), expected)
      assert.deepEqual(problems('none', { ...changes, profile }), expected)
    })
  }
})
