import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SecurityProfile } from '../client-registration/security-profile.ts'
import { clientAuthenticationMethods } from '../client-authentication/authenticate-client.ts'
import {
  authorizationServerMetadata,
  type MetadataSettings,
  openidConfiguration,
} from './authorization-server-metadata.ts'
import { mtlsEndpointAliases } from './mtls-endpoint-aliases.ts'

const settings: MetadataSettings = {
  issuer: 'https://login.example',
  mtlsBase: 'https://mtls.login.example',
  authenticationMethods: clientAuthenticationMethods,
  grantTypes: ['client_credentials'],
  scopes: [],
  signingAlgorithms: ['ES256'],
}
const algorithms = ['ES256', 'EdDSA', 'PS256', 'RS256']

describe('authorizationServerMetadata', () => {
  test('RFC8414-M4 RFC8414-M5 RFC8705-M8 RFC8705-M11 RFC8705-M18 RFC8705-M22 names both methods, bound tokens and the aliases', () => {
    assert.deepEqual(authorizationServerMetadata(settings), {
      issuer: 'https://login.example',
      token_endpoint: 'https://login.example/token',
      introspection_endpoint: 'https://login.example/introspect',
      revocation_endpoint: 'https://login.example/revoke',
      jwks_uri: 'https://login.example/jwks',
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: clientAuthenticationMethods,
      token_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_endpoint_auth_methods_supported: clientAuthenticationMethods.filter((method) => method !== 'none'),
      introspection_endpoint_auth_signing_alg_values_supported: algorithms,
      revocation_endpoint_auth_methods_supported: clientAuthenticationMethods,
      revocation_endpoint_auth_signing_alg_values_supported: algorithms,
      tls_client_certificate_bound_access_tokens: true,
      mtls_endpoint_aliases: {
        token_endpoint: 'https://mtls.login.example/token',
        introspection_endpoint: 'https://mtls.login.example/introspect',
        revocation_endpoint: 'https://mtls.login.example/revoke',
      },
    })
  })

  test('RFC8414-M3 what is switched off is not there, and no list is empty', () => {
    const document = authorizationServerMetadata({
      ...settings,
      mtlsBase: undefined,
      authenticationMethods: ['client_secret_basic'],
    })
    assert.equal('mtls_endpoint_aliases' in document, false)
    assert.equal(document['tls_client_certificate_bound_access_tokens'], false)
    assert.equal('token_endpoint_auth_signing_alg_values_supported' in document, false)
    assert.deepEqual(document['token_endpoint_auth_methods_supported'], ['client_secret_basic'])
    for (const value of Object.values(document)) assert.notDeepEqual(value, [])
  })

  test('the OpenID document tells the same and more', () => {
    const { subject_types_supported, id_token_signing_alg_values_supported, ...rest } = openidConfiguration(settings)
    assert.deepEqual(rest, authorizationServerMetadata(settings))
    assert.deepEqual(subject_types_supported, ['public'])
    assert.deepEqual(id_token_signing_alg_values_supported, ['ES256'])
  })
})

describe('the metadata of authorizations', () => {
  const people: MetadataSettings = {
    ...settings,
    furtherEndpoints: ['authorization_endpoint', 'pushed_authorization_request_endpoint', 'end_session_endpoint'],
    authorization: {
      profile: 'none',
      authorizationDetailsTypes: ['payment_initiation'],
      acrValues: [],
      uiLocales: ['en', 'de'],
      pairwiseSubjects: 'offered',
    },
  }

  test('RFC9126-M10 RFC8705-M21 the endpoint for pushed requests has an alias, those for people have none', () => {
    const document = authorizationServerMetadata(people)
    assert.equal(document['pushed_authorization_request_endpoint'], 'https://login.example/par')
    const aliases = document['mtls_endpoint_aliases'] as Record<string, string>
    assert.equal(aliases['pushed_authorization_request_endpoint'], 'https://mtls.login.example/par')
    assert.equal('authorization_endpoint' in aliases, false)
    assert.equal('end_session_endpoint' in aliases, false)
    for (const name of Object.keys(aliases)) assert.ok(name in document, name)
  })

  test('RFC9207-M3 RFC7636-M6 RFC9396-M6 iss, S256 and the types of details are announced', () => {
    const document = authorizationServerMetadata(people)
    assert.equal(document['authorization_response_iss_parameter_supported'], true)
    assert.deepEqual(document['code_challenge_methods_supported'], ['S256'])
    assert.deepEqual(document['authorization_details_types_supported'], ['payment_initiation'])
    assert.deepEqual(document['response_types_supported'], ['code', 'code id_token'])
    assert.equal('acr_values_supported' in document, false)
    assert.deepEqual(openidConfiguration(people)['subject_types_supported'], ['public', 'pairwise'])
  })

  test('Back-Channel Logout §2.1: where logins end here, clients can be told', () => {
    const { backchannel_logout_supported, backchannel_logout_session_supported } = openidConfiguration(people)
    assert.deepEqual([backchannel_logout_supported, backchannel_logout_session_supported], [true, true])
    assert.equal('backchannel_logout_supported' in openidConfiguration(settings), false)
  })

  const demands: readonly (readonly [SecurityProfile, boolean, boolean, readonly string[]])[] = [
    ['none', false, false, algorithms],
    ['fapi2', true, false, ['ES256', 'EdDSA', 'PS256']],
    ['fapi2-message-signing', true, true, ['ES256', 'EdDSA', 'PS256']],
    ['fapi1-advanced', false, true, ['ES256', 'PS256']],
    ['brazil', false, true, ['PS256']],
  ]
  for (const [profile, pushed, signed, objects] of demands) {
    test(`RFC9126-M10 RFC9101-M9 what the profile ${profile} demands is announced`, () => {
      const document = authorizationServerMetadata({
        ...people,
        authorization: { ...people.authorization!, profile },
      })
      assert.equal(document['require_pushed_authorization_requests'], pushed)
      assert.equal(document['require_signed_request_object'], signed)
      assert.deepEqual(document['request_object_signing_alg_values_supported'], objects)
    })
  }
})

describe('mtlsEndpointAliases', () => {
  const endpoints = {
    authorization_endpoint: 'https://login.example/t/authorize',
    token_endpoint: 'https://login.example/t/token',
    jwks_uri: 'https://login.example/t/jwks',
  }
  const styles: readonly (readonly [string, string, string])[] = [
    ['sub-domain', 'https://mtls.login.example', 'https://mtls.login.example/t/token'],
    ['domain', 'https://certificates.example', 'https://certificates.example/t/token'],
    ['port', 'https://login.example:8444', 'https://login.example:8444/t/token'],
    ['path', 'https://login.example/mtls/', 'https://login.example/mtls/t/token'],
  ]
  for (const [style, base, token] of styles) {
    test(`RFC8705-M22 by ${style}, for endpoints only and never for authorization`, () => {
      assert.deepEqual(mtlsEndpointAliases(endpoints, base), { token_endpoint: token })
    })
  }
})
