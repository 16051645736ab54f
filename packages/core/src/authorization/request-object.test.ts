import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseCompactJws } from '../jose/compact-jws.ts'
import { authorizationRules } from './authorization-rules.ts'
import { requestObject } from './request-object.ts'

const now = 1_767_225_600
const issuer = 'https://login.example'
const ordinary = authorizationRules('none', {})
const bounded = authorizationRules('fapi1-advanced', {})
const claims = {
  iss: 'acme',
  client_id: 'acme',
  aud: issuer,
  nbf: now,
  exp: now + 300,
  scope: 'openid',
  state: 's',
  max_age: 60,
  claims: { id_token: { acr: null } },
  resource: ['https://api.example'],
}

function judged(
  changes: object,
  header: object = {},
  rules = bounded,
  algorithm?: 'ES256',
): ReturnType<typeof requestObject> {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const jws = parseCompactJws(`${part({ alg: 'ES256', ...header })}.${part({ ...claims, ...changes })}.AQ`)
  assert.ok(jws.ok)
  return requestObject(jws.value, 'acme', algorithm, issuer, rules, now)
}

function reason(result: ReturnType<typeof requestObject>): string {
  return result.ok ? 'accepted' : result.failure.reason
}

describe('requestObject', () => {
  test('RFC9101-M1 its claims are the parameters, those of the JWT itself are not', () => {
    const result = judged({ jti: 'j', iat: now, unknown: 7 })
    assert.ok(result.ok)
    assert.deepEqual(Object.fromEntries(result.value.parameters), {
      client_id: 'acme',
      scope: 'openid',
      state: 's',
      max_age: '60',
      claims: '{"id_token":{"acr":null}}',
      resource: 'https://api.example',
    })
  })

  const cases: readonly (readonly [string, object, object, string])[] = [
    ['RFC9101-M4 alg none', {}, { alg: 'none' }, 'request_object_algorithm_not_allowed'],
    ['RFC9101-M4 RS256 under FAPI', {}, { alg: 'RS256' }, 'request_object_algorithm_not_allowed'],
    ['RFC9101-M4 HS256', {}, { alg: 'HS256' }, 'request_object_algorithm_not_allowed'],
    ['RFC9101-M6 the type of the RFC', {}, { typ: 'oauth-authz-req+jwt' }, 'accepted'],
    ['RFC9101-M6 the type with its prefix', {}, { typ: 'application/oauth-authz-req+jwt' }, 'accepted'],
    ['RFC9101-M6 an access token', {}, { typ: 'at+jwt' }, 'request_object_malformed'],
    ['RFC9101-M6 a DPoP proof', {}, { typ: 'dpop+jwt' }, 'request_object_malformed'],
    ['RFC9101-M5 request inside', { request: 'x' }, {}, 'request_object_claim_forbidden'],
    ['RFC9101-M5 request_uri inside', { request_uri: 'https://app.example/r' }, {}, 'request_object_claim_forbidden'],
    ['RFC9101-M2 another client_id inside', { client_id: 'other' }, {}, 'request_object_client_mismatch'],
    ['RFC9101-M7 another issuer', { iss: 'other' }, {}, 'request_object_client_mismatch'],
    ['RFC9101-M7 another audience', { aud: 'https://other.example' }, {}, 'request_object_audience_mismatch'],
    ['RFC9101-M7 the issuer among several audiences', { aud: ['https://other.example', issuer] }, {}, 'accepted'],
    ['RFC9101-M7 no audience', { aud: undefined }, {}, 'request_object_claim_missing'],
    ['no exp', { exp: undefined }, {}, 'request_object_claim_missing'],
    ['no nbf', { nbf: undefined }, {}, 'request_object_claim_missing'],
    ['expired', { nbf: now - 60, exp: now - 10 }, {}, 'request_object_expired'],
    ['exp as text', { exp: String(now + 60) }, {}, 'request_object_claim_malformed'],
    ['nbf 8 s ahead', { nbf: now + 8 }, {}, 'accepted'],
    ['nbf 61 s ahead', { nbf: now + 61 }, {}, 'request_object_not_yet_valid'],
    ['iat 61 s ahead', { iat: now + 61 }, {}, 'request_object_not_yet_valid'],
    ['nbf an hour ago', { nbf: now - 3_600, exp: now }, {}, 'accepted'],
    ['nbf more than an hour ago', { nbf: now - 3_601 }, {}, 'request_object_too_old'],
    ['an hour from nbf to exp', { exp: now + 3_600 }, {}, 'accepted'],
    ['more than an hour from nbf to exp', { exp: now + 3_601 }, {}, 'request_object_lifetime_too_long'],
    ['state of another type', { state: 7 }, {}, 'request_object_claim_malformed'],
    ['redirect_uri as a list', { redirect_uri: ['https://app.example/cb'] }, {}, 'request_object_claim_malformed'],
    ['half a character', { state: '\ud800' }, {}, 'request_object_claim_malformed'],
  ]
  for (const [name, changes, header, expected] of cases) {
    test(`${name}: ${expected}`, () => {
      assert.equal(reason(judged(changes, header)), expected)
    })
  }

  test('RFC9101-M4 the registered algorithm is the only one', () => {
    assert.equal(reason(judged({}, { alg: 'PS256' }, bounded, 'ES256')), 'request_object_algorithm_not_allowed')
    assert.equal(reason(judged({}, { alg: 'RS256' }, ordinary)), 'accepted')
  })

  test('without a profile, times are looked at where they are there', () => {
    assert.equal(reason(judged({ exp: undefined, nbf: undefined, aud: undefined }, {}, ordinary)), 'accepted')
    assert.equal(reason(judged({ exp: now - 11 }, {}, ordinary)), 'request_object_expired')
    assert.equal(reason(judged({ nbf: now - 90_000 }, {}, ordinary)), 'accepted')
  })

  test('any claims are judged, never thrown at', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (changes) => typeof judged(changes).ok === 'boolean'),
    )
  })
})
