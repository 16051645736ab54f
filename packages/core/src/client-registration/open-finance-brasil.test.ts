import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openFinanceBrasil } from './open-finance-brasil.ts'

const statement = {
  software_id: 'c6a36b4b-1a3e-4d3f-9b0a-0123456789ab',
  org_id: '74e929d9-33b6-4d85-8ba7-c146c867a817',
  software_jwks_uri: 'https://keystore.example/application.jwks',
  software_redirect_uris: ['https://tpp.example/cb', 'https://tpp.example/cb2'],
}
const certificate = { softwareId: statement.software_id, organizationIds: [statement.org_id] }
const record = {
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_subject_dn: 'CN=tpp.example,O=TPP,C=BR',
  jwks_uri: statement.software_jwks_uri,
  redirect_uris: ['https://tpp.example/cb'],
  grant_types: ['authorization_code', 'client_credentials'],
}

describe('openFinanceBrasil', () => {
  test('registers bound tokens, PS256 and signed requests, and refresh tokens beside the code grant', () => {
    const registered = openFinanceBrasil(record, statement, certificate)
    assert.ok(registered.ok)
    assert.deepEqual(registered.value, {
      ...record,
      grant_types: ['authorization_code', 'client_credentials', 'refresh_token'],
      tls_client_certificate_bound_access_tokens: true,
      id_token_signed_response_alg: 'PS256',
      request_object_signing_alg: 'PS256',
      require_signed_request_object: true,
      software_id: statement.software_id,
      access_token_lifetime: 900,
    })
  })

  const refusals: readonly (readonly [string, object, object, string])[] = [
    ['the software of another certificate', {}, { softwareId: 'other' }, 'software_statement_unapproved'],
    ['a certificate that names no software', {}, { softwareId: undefined }, 'software_statement_unapproved'],
    ['the organisation of another certificate', {}, { organizationIds: ['other'] }, 'software_statement_unapproved'],
    ['a certificate that names no organisation', {}, { organizationIds: [] }, 'software_statement_unapproved'],
    ['keys by value', { jwks: { keys: [] } }, {}, 'registration_metadata_refused'],
    ['other keys', { jwks_uri: 'https://evil.example/jwks' }, {}, 'registration_metadata_refused'],
    ['no keys', { jwks_uri: undefined }, {}, 'registration_metadata_refused'],
    ['a foreign redirect URI', { redirect_uris: ['https://evil.example/cb'] }, {}, 'registration_redirect_uri_refused'],
    [
      'a redirect URI with more behind it',
      { redirect_uris: ['https://tpp.example/cb/x'] },
      {},
      'registration_redirect_uri_refused',
    ],
    ['a secret', { token_endpoint_auth_method: 'client_secret_basic' }, {}, 'registration_metadata_refused'],
    [
      'a self-signed certificate',
      { token_endpoint_auth_method: 'self_signed_tls_client_auth' },
      {},
      'registration_metadata_refused',
    ],
    ['another kind of subject', { tls_client_auth_san_dns: 'tpp.example' }, {}, 'registration_metadata_refused'],
    ['another algorithm', { request_object_signing_alg: 'RS256' }, {}, 'registration_metadata_refused'],
    ['another encryption', { id_token_encrypted_response_alg: 'RSA-OAEP-256' }, {}, 'registration_metadata_refused'],
    ['another encoding', { id_token_encrypted_response_enc: 'A128CBC-HS256' }, {}, 'registration_metadata_refused'],
  ]
  for (const [name, change, held, reason] of refusals) {
    test(`refuses ${name}`, () => {
      const answer = openFinanceBrasil({ ...record, ...change }, statement, { ...certificate, ...held })
      assert.equal(!answer.ok && answer.failure.reason, reason)
    })
  }
})
