import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type AuthorizationOffer, authorizationMetadata } from './authorization-metadata.ts'
import type { AuthorizationRegistration } from './authorization-registration.ts'
import { MetadataProblems } from './metadata-problem.ts'

const offer: AuthorizationOffer = {
  responseTypes: ['code', 'code id_token'],
  signingAlgorithms: ['ES256'],
  requestAlgorithms: ['ES256', 'PS256'],
  authorizationDetailsTypes: ['payment'],
  pairwiseSubjects: 'offered',
}
const keys = { kind: 'jwks_uri', uri: 'https://app.example/jwks' } as const
const usual = { redirect_uris: ['https://app.example/cb'] }

function read(
  record: object,
  changes: Partial<AuthorizationOffer> = {},
  source: typeof keys | 'none' = keys,
): { readonly registration: AuthorizationRegistration; readonly paths: readonly string[] } {
  const problems = new MetadataProblems()
  const members = new Map(Object.entries({ ...usual, ...record }).filter(([, value]) => value !== undefined))
  const registration = authorizationMetadata(
    members,
    source === 'none' ? undefined : source,
    { ...offer, ...changes },
    problems,
  )
  return { registration, paths: problems.found.map(({ path }) => path) }
}

describe('authorizationMetadata', () => {
  test('a redirect URI is enough, everything else has its default', () => {
    const { registration, paths } = read({})
    assert.deepEqual(paths, [])
    assert.deepEqual(registration.responseTypes, ['code'])
    assert.equal(registration.applicationType, 'web')
    assert.equal(registration.consent, 'remembered')
    assert.equal(registration.pushedRequests, 'optional')
    assert.equal(registration.signedRequests, 'optional')
    assert.equal(registration.sector, undefined)
  })

  test('only a confidential client can be let through without a code challenge', () => {
    const member = { dangerously_allow_missing_code_challenge: true }
    assert.equal(read(member).registration.codeChallenges, 'optional')
    assert.equal(read({}).registration.codeChallenges, undefined)
    assert.deepEqual(read({ ...member, token_endpoint_auth_method: 'none' }).paths, [
      'dangerously_allow_missing_code_challenge',
    ])
  })

  test('RFC9126-M11 RFC9101-M9 RFC9396-M7 what a client demands of itself is kept', () => {
    const { registration, paths } = read({
      require_pushed_authorization_requests: true,
      require_signed_request_object: true,
      request_object_signing_alg: 'PS256',
      authorization_signed_response_alg: 'ES256',
      id_token_signed_response_alg: 'ES256',
      authorization_details_types: ['payment'],
      response_types: ['id_token code', 'code'],
      default_max_age: 0,
      default_acr_values: ['gold'],
      backchannel_logout_uri: 'https://app.example/logout',
      backchannel_logout_session_required: true,
      consent: 'always',
    })
    assert.deepEqual(paths, [])
    assert.equal(registration.pushedRequests, 'required')
    assert.equal(registration.signedRequests, 'required')
    assert.equal(registration.requestAlgorithm, 'PS256')
    assert.deepEqual(registration.responseTypes, ['code id_token', 'code'])
    assert.deepEqual(registration.authorizationDetailsTypes, ['payment'])
    assert.equal(registration.defaultMaxAge, 0)
    assert.deepEqual(registration.backchannelLogout, { uri: 'https://app.example/logout', session: 'required' })
  })

  const wrong: readonly (readonly [object, string])[] = [
    [{ redirect_uris: undefined }, 'redirect_uris'],
    [{ redirect_uris: [] }, 'redirect_uris'],
    [{ redirect_uris: 'https://app.example/cb' }, 'redirect_uris'],
    [{ redirect_uris: ['http://app.example/cb'] }, 'redirect_uris[0]'],
    [{ redirect_uris: ['https://app.example/cb', 'https://app.example/cb#x'] }, 'redirect_uris[1]'],
    [{ redirect_uris: ['https://user@app.example/cb'] }, 'redirect_uris[0]'],
    [{ redirect_uris: ['https://app.example/\u00e4'] }, 'redirect_uris[0]'],
    [{ redirect_uris: ['javascript:alert(1)'] }, 'redirect_uris[0]'],
    [{ redirect_uris: ['http://127.0.0.1/cb'] }, 'redirect_uris[0]'],
    [{ application_type: 'desktop' }, 'application_type'],
    [{ response_types: [] }, 'response_types'],
    [{ response_types: ['token'] }, 'response_types[0]'],
    [{ request_object_signing_alg: 'none' }, 'request_object_signing_alg'],
    [{ request_object_signing_alg: 'RS256' }, 'request_object_signing_alg'],
    [{ id_token_signed_response_alg: 'RS256' }, 'id_token_signed_response_alg'],
    [{ authorization_signed_response_alg: 'HS256' }, 'authorization_signed_response_alg'],
    [{ request_uris: ['http://app.example/r'] }, 'request_uris[0]'],
    [{ default_max_age: -1 }, 'default_max_age'],
    [{ authorization_details_types: ['unheard_of'] }, 'authorization_details_types[0]'],
    [{ consent: 'sometimes' }, 'consent'],
    [{ backchannel_logout_uri: 'http://app.example/logout' }, 'backchannel_logout_uri'],
    [{ subject_type: 'none' }, 'subject_type'],
    [{ post_logout_redirect_uris: ['javascript:1'] }, 'post_logout_redirect_uris[0]'],
    [{ logo_uri: 'http://app.example/logo' }, 'logo_uri'],
  ]
  for (const [record, path] of wrong) {
    test(`${JSON.stringify(record)} is told at ${path}`, () => {
      assert.ok(read(record).paths.includes(path))
    })
  }

  test('RFC9101-M9 who must sign needs keys', () => {
    assert.deepEqual(read({ require_signed_request_object: true }, {}, 'none').paths, ['require_signed_request_object'])
  })

  const native: readonly (readonly [string, boolean])[] = [
    ['http://127.0.0.1/cb', true],
    ['http://127.0.0.1:8080/cb', true],
    ['http://[::1]/cb', true],
    ['com.example.app:/cb', true],
    ['https://app.example/cb', true],
    ['http://localhost/cb', false],
    ['http://app.example/cb', false],
    ['myapp:/cb', false],
    ['javascript:alert(1)', false],
    ['http://127.0.0.1/cb#x', false],
  ]
  for (const [uri, allowed] of native) {
    test(`RFC9700-R1 a native application ${allowed ? 'may' : 'must not'} register ${uri}`, () => {
      assert.equal(read({ application_type: 'native', redirect_uris: [uri] }).paths.length === 0, allowed)
    })
  }

  test('a sector is the host of the document, else the one host of all redirect URIs', () => {
    const two = ['https://one.example/cb', 'https://two.example/cb']
    const pairwise = { subject_type: 'pairwise' }
    assert.equal(read(pairwise).registration.sector, 'app.example')
    assert.deepEqual(read({ ...pairwise, redirect_uris: two }).paths, ['sector_identifier_uri'])
    const document = { sector_identifier_uri: 'https://sector.example/uris.json' }
    assert.equal(read({ ...pairwise, ...document, redirect_uris: two }).registration.sector, 'sector.example')
    assert.equal(read(document).registration.sector, undefined)
    assert.deepEqual(read(pairwise, { pairwiseSubjects: 'off' }).paths, ['subject_type'])
  })
})
