import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { CompactJws } from '../jose/compact-jws.ts'
import { clientAssertion } from './client-assertion.ts'

const now = 1_000_000
const issuer = 'https://login.example'
const tokenUrl = 'https://login.example/token'
const client = {
  clientId: 'acme',
  authentication: { method: 'private_key_jwt', algorithms: ['ES256', 'PS256'] },
} as unknown as RegisteredClient<'private_key_jwt'>
const good = { iss: 'acme', sub: 'acme', aud: issuer, exp: now + 60, iat: now, jti: 'j1' }

function judged(claims: Readonly<Record<string, unknown>>, header: object = {}): ReturnType<typeof clientAssertion> {
  const jws = { header: { alg: 'ES256', kid: undefined, typ: undefined, ...header }, claims } as unknown as CompactJws
  return clientAssertion(jws, client, [issuer, tokenUrl], now)
}

describe('clientAssertion', () => {
  const accepted: readonly (readonly [string, object, object?])[] = [
    ['the usual claims', {}],
    ['the token endpoint as audience', { aud: tokenUrl }],
    ['a list with the issuer in it', { aud: ['https://other.example', issuer] }],
    ['an iat 10 s ahead', { iat: now + 10 }],
    ['an nbf 60 s ahead', { nbf: now + 60 }],
    ['an exp 9 s ago', { exp: now - 9 }],
    ['no iat', { iat: undefined }],
    ['typ JWT', {}, { typ: 'JWT' }],
    ['typ client-authentication+jwt', {}, { typ: 'application/client-authentication+JWT' }],
    ['another registered algorithm', {}, { alg: 'PS256' }],
  ]
  for (const [name, claims, header] of accepted) {
    test(`RFC7523-J2 accepts ${name}`, () => {
      const result = judged(JSON.parse(JSON.stringify({ ...good, ...claims })) as Record<string, unknown>, header)
      assert.equal(result.ok, true, JSON.stringify(result))
    })
  }

  const refused: readonly (readonly [string, object, object])[] = [
    [
      'another algorithm',
      { reason: 'assertion_algorithm_not_allowed', presented: 'EdDSA', allowed: ['ES256', 'PS256'] },
      { alg: 'EdDSA' },
    ],
    [
      'alg none',
      { reason: 'assertion_algorithm_not_allowed', presented: 'none', allowed: ['ES256', 'PS256'] },
      { alg: 'none' },
    ],
    [
      'HS256',
      { reason: 'assertion_algorithm_not_allowed', presented: 'HS256', allowed: ['ES256', 'PS256'] },
      { alg: 'HS256' },
    ],
    ['an access token', { reason: 'assertion_malformed', problem: 'typ_not_of_an_assertion' }, { typ: 'at+jwt' }],
  ]
  for (const [name, failure, header] of refused) {
    test(`refuses ${name}`, () => {
      assert.deepEqual(judged(good, header), { ok: false, failure })
    })
  }

  const wrong: readonly (readonly [string, object, object])[] = [
    ['another issuer', { iss: 'evil' }, { reason: 'assertion_issuer_mismatch', presented: 'evil' }],
    ['another subject', { sub: 'evil' }, { reason: 'assertion_subject_mismatch', presented: 'evil' }],
    [
      'another audience',
      { aud: 'https://evil.example' },
      { reason: 'assertion_audience_mismatch', expected: [issuer, tokenUrl], presented: ['https://evil.example'] },
    ],
    [
      'an audience that is nearly the issuer',
      { aud: `${issuer}/` },
      { reason: 'assertion_audience_mismatch', expected: [issuer, tokenUrl], presented: [`${issuer}/`] },
    ],
    [
      'an empty audience list',
      { aud: [] },
      { reason: 'assertion_audience_mismatch', expected: [issuer, tokenUrl], presented: [] },
    ],
    ['an audience that is no text', { aud: [1] }, { reason: 'assertion_claim_malformed', claim: 'aud' }],
    ['an exp 10 s ago', { exp: now - 10 }, { reason: 'assertion_expired', exp: now - 10, now }],
    ['an exp as text', { exp: '99999999999' }, { reason: 'assertion_claim_malformed', claim: 'exp' }],
    [
      'an exp far away',
      { exp: now + 3601 },
      { reason: 'assertion_lifetime_too_long', exp: now + 3601, now, limit: 3600 },
    ],
    ['an iat 61 s ahead', { iat: now + 61 }, { reason: 'assertion_not_yet_valid', claim: 'iat', value: now + 61, now }],
    ['an nbf 61 s ahead', { nbf: now + 61 }, { reason: 'assertion_not_yet_valid', claim: 'nbf', value: now + 61, now }],
    ['an nbf as text', { nbf: '1' }, { reason: 'assertion_claim_malformed', claim: 'nbf' }],
    ['an empty jti', { jti: '' }, { reason: 'assertion_claim_malformed', claim: 'jti' }],
    ['a jti of 257 characters', { jti: 'j'.repeat(257) }, { reason: 'assertion_claim_malformed', claim: 'jti' }],
    ['an iss that is no text', { iss: ['acme'] }, { reason: 'assertion_claim_malformed', claim: 'iss' }],
  ]
  for (const [name, claims, failure] of wrong) {
    test(`refuses ${name}`, () => {
      assert.deepEqual(judged({ ...good, ...claims }), { ok: false, failure })
    })
  }

  for (const claim of ['iss', 'sub', 'aud', 'exp', 'jti']) {
    test(`RFC7523-J3 refuses an assertion without ${claim}`, () => {
      const { [claim]: _, ...rest } = good as Readonly<Record<string, unknown>>
      assert.deepEqual(judged(rest), { ok: false, failure: { reason: 'assertion_claim_missing', claim } })
    })
  }

  test('FAPI2-G6 by FAPI 2.0 aud is the issuer as one text: no list, no other URL', () => {
    const byFapi = (aud: unknown): string => {
      const jws = { header: { alg: 'ES256' }, claims: { ...good, aud } } as unknown as CompactJws
      const result = clientAssertion(jws, client, [issuer], now, 'one_text')
      return result.ok ? 'accepted' : result.failure.reason
    }
    assert.equal(byFapi(issuer), 'accepted')
    assert.equal(byFapi([issuer]), 'assertion_audience_mismatch')
    assert.equal(byFapi([issuer, 'https://other.example']), 'assertion_audience_mismatch')
    assert.equal(byFapi(tokenUrl), 'assertion_audience_mismatch')
  })

  test('FAPI2-G10 iat and nbf 10 s ahead are accepted, more than 60 s ahead refused', () => {
    for (const claim of ['iat', 'nbf']) {
      assert.equal(judged({ ...good, [claim]: now + 10 }).ok, true)
      assert.equal(judged({ ...good, [claim]: now + 61 }).ok, false)
    }
  })

  test('the jti is remembered past the time at which the assertion would be refused anyway', () => {
    assert.deepEqual(judged({ ...good, exp: now + 59.5 }), {
      ok: true,
      value: { algorithm: 'ES256', jti: 'j1', rememberUntil: now + 70 },
    })
  })
})
