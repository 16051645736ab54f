import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { parseClientMetadata, type RegistrationRules } from './client-metadata.ts'
import type { GrantType } from './registered-client.ts'

const ciba: GrantType = 'urn:openid:params:grant-type:ciba'
const jwtBearer: GrantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const rules: RegistrationRules = {
  authenticationMethods: ['client_secret_post'],
  grantTypes: ['client_credentials', ciba, jwtBearer],
  trust: [],
  unknownMembers: 'refuse',
  thumbprint: () => {
    throw new Error('no certificates here')
  },
}
const base = {
  client_id: 'a',
  token_endpoint_auth_method: 'client_secret_post',
  client_secret_hash: 'h',
  grant_types: [],
}
const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
const parsed = (more: object): ReturnType<typeof parseClientMetadata> =>
  parseClientMetadata({ ...base, ...more }, rules)

describe('delegation metadata', () => {
  test('a client that registers none of it has none of it', () => {
    const result = parsed({ dpop_bound_access_tokens: false })
    assert.ok(result.ok)
    assert.deepEqual(
      [result.value.dpop, result.value.reportOnly, result.value.delegation],
      [undefined, undefined, undefined],
    )
  })

  test('RFC9449-D24 dpop_bound_access_tokens, RFC9701-J11 introspection_signed_response_alg and what is ours are read', () => {
    const result = parsed({
      dpop_bound_access_tokens: true,
      report_only: 'certificate_bound',
      userinfo_signed_response_alg: 'ES256',
      introspection_signed_response_alg: 'PS256',
    })
    assert.ok(result.ok)
    assert.deepEqual([result.value.dpop, result.value.reportOnly], ['required', { binding: 'certificate_bound' }])
    assert.deepEqual(result.value.delegation, {
      ciba: undefined,
      assertionIssuers: [],
      userinfoAlgorithm: 'ES256',
      introspectionAlgorithm: 'PS256',
    })
  })

  test('CIBA §4: ping with its address, signed requests with their keys', () => {
    const result = parsed({
      grant_types: [ciba],
      backchannel_token_delivery_mode: 'ping',
      backchannel_client_notification_endpoint: 'https://client.example/cb',
      backchannel_authentication_request_signing_alg: 'ES256',
      jwks: { keys: [jwk] },
    })
    assert.ok(result.ok, JSON.stringify(result))
    assert.deepEqual(result.value.delegation?.ciba?.delivery, { mode: 'ping', endpoint: 'https://client.example/cb' })
    assert.equal(result.value.delegation?.ciba?.keys?.kind, 'registered')
  })

  const wrong: readonly (readonly [object, string])[] = [
    [{ dpop_bound_access_tokens: 'yes' }, 'dpop_bound_access_tokens'],
    [{ report_only: 'all' }, 'report_only'],
    [{ userinfo_signed_response_alg: 'none' }, 'userinfo_signed_response_alg'],
    [{ introspection_signed_response_alg: 'HS256' }, 'introspection_signed_response_alg'],
    [{ grant_types: [ciba] }, 'backchannel_token_delivery_mode'],
    [{ grant_types: [ciba], backchannel_token_delivery_mode: 'push' }, 'backchannel_token_delivery_mode'],
    [{ grant_types: [ciba], backchannel_token_delivery_mode: 'ping' }, 'backchannel_client_notification_endpoint'],
    [
      { grant_types: [ciba], backchannel_token_delivery_mode: 'poll', backchannel_user_code_parameter: true },
      'backchannel_user_code_parameter',
    ],
    [
      {
        grant_types: [ciba],
        backchannel_token_delivery_mode: 'poll',
        backchannel_authentication_request_signing_alg: 'ES256',
      },
      'backchannel_authentication_request_signing_alg',
    ],
    [{ grant_types: [jwtBearer] }, 'assertion_issuers'],
    [{ assertion_issuers: [{ issuer: 'i' }] }, 'assertion_issuers[0]'],
    [
      { assertion_issuers: [{ issuer: 'i', jwks: { keys: [jwk] }, jwks_uri: 'https://i.example' }] },
      'assertion_issuers[0]',
    ],
    [{ assertion_issuers: [{ issuer: 'i', jwks_uri: 'http://i.example' }] }, 'assertion_issuers[0].jwks_uri'],
    [{ assertion_issuers: [{ jwks: { keys: [jwk] } }] }, 'assertion_issuers[0].issuer'],
  ]
  for (const [metadata, path] of wrong) {
    test(`${JSON.stringify(metadata).slice(0, 100)}: a problem at ${path}`, () => {
      const result = parsed(metadata)
      assert.ok(!result.ok)
      assert.deepEqual(
        result.failure.map((problem) => problem.path),
        [path],
      )
    })
  }
})
