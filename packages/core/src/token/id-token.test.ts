import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { claimsForIdToken, claimsForUserinfo, claimsOfScope, idTokenClaims, type IdTokenFacts } from './id-token.ts'
import { subjectIdentifier } from './subject-identifier.ts'

const hash = {
  sha256: (text: string) => createHash('sha256').update(text).digest('base64url'),
  sha512: (text: string) => createHash('sha512').update(text).digest('base64url'),
}
const facts: IdTokenFacts = {
  issuer: 'https://login.example',
  clientId: 'acme',
  subject: 'alice',
  issuedAt: 1_000,
  lifetime: 300,
  nonce: 'n',
  authentication: { time: 900, amr: ['pwd', 'otp'], acr: 'gold' },
  sessionId: 'sid-1',
  claims: {},
  boundTo: {},
}

describe('idTokenClaims', () => {
  test('says who, for whom, until when, and how the person logged in', () => {
    assert.deepEqual(idTokenClaims(facts, 'ES256', hash), {
      iss: 'https://login.example',
      sub: 'alice',
      aud: 'acme',
      exp: 1_300,
      iat: 1_000,
      auth_time: 900,
      amr: ['pwd', 'otp'],
      acr: 'gold',
      nonce: 'n',
      sid: 'sid-1',
    })
  })

  test('what is not known is not there', () => {
    const bare = { ...facts, nonce: undefined, sessionId: undefined, authentication: { time: 900, amr: [] } }
    assert.deepEqual(Object.keys(idTokenClaims(bare, 'ES256', hash)).sort(), [
      'aud',
      'auth_time',
      'exp',
      'iat',
      'iss',
      'sub',
    ])
  })

  test('the hashes are the left half of the digest that the algorithm uses', () => {
    const boundTo = { accessToken: 'at', code: 'c', state: 's' }
    const half = (algorithm: 'sha256' | 'sha512', text: string): string => {
      const digest = createHash(algorithm).update(text).digest()
      return digest.subarray(0, digest.length / 2).toString('base64url')
    }
    for (const [algorithm, digest] of [
      ['ES256', 'sha256'],
      ['PS256', 'sha256'],
      ['RS256', 'sha256'],
      ['EdDSA', 'sha512'],
    ] as const) {
      const claims = idTokenClaims({ ...facts, boundTo }, algorithm, hash)
      assert.equal(claims['at_hash'], half(digest, 'at'), algorithm)
      assert.equal(claims['c_hash'], half(digest, 'c'), algorithm)
      assert.equal(claims['s_hash'], half(digest, 's'), algorithm)
    }
  })

  test('OPENID-CORE-M5 the example of OpenID Connect Core Appendix A.3 has this at_hash', () => {
    const accessToken = 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y'
    const claims = idTokenClaims({ ...facts, boundTo: { accessToken } }, 'RS256', hash)
    assert.equal(claims['at_hash'], '77QmUPtjPfzWtF2AnpK9RQ')
  })

  test('OPENID-CORE-M5 the example of Appendix A.4 has this c_hash', () => {
    const code = 'Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk'
    assert.equal(idTokenClaims({ ...facts, boundTo: { code } }, 'RS256', hash)['c_hash'], 'LDktKdoQak3Pk0cnXxCltA')
  })

  test('no claim about the person replaces one of the protocol', () => {
    const claims = idTokenClaims({ ...facts, claims: { sub: 'mallory', aud: 'other', name: 'Alice' } }, 'ES256', hash)
    assert.equal(claims['sub'], 'alice')
    assert.equal(claims['aud'], 'acme')
    assert.equal(claims['name'], 'Alice')
  })
})

describe('claims about a person', () => {
  const known = { name: 'Alice', email: 'a@example.com', email_verified: true, sub: 'other', iss: 'other', salary: 7 }

  test('OPENID-CORE-M7 a scope brings its claims, and no others', () => {
    assert.deepEqual(claimsForUserinfo(['openid', 'email'], undefined, known), {
      email: 'a@example.com',
      email_verified: true,
    })
    assert.deepEqual(claimsForUserinfo(['openid', 'orders:read', '__proto__'], undefined, known), {})
    assert.deepEqual(claimsOfScope('constructor'), [])
  })

  test('OPENID-CORE-M7 a claim that was asked for by name comes where it was asked for', () => {
    const requested = { id_token: { name: null, iss: null }, userinfo: { salary: { essential: true }, sub: null } }
    assert.deepEqual(claimsForIdToken(requested, known), { name: 'Alice' })
    assert.deepEqual(claimsForUserinfo([], requested, known), { salary: 7 })
  })

  test('what nobody knows is left out, and inherited names are no claims', () => {
    const requested = { id_token: { toString: null, birthdate: null } }
    assert.deepEqual(claimsForIdToken(requested, known), {})
  })
})

describe('subjectIdentifier', () => {
  const pairwise = { identify: (sector: string, subject: string) => `${subject} at ${sector}` }

  test('OPENID-CORE-M9 public for those without a sector, one of its own for each sector', () => {
    assert.equal(subjectIdentifier('alice', {}, pairwise), 'alice')
    const inSector = { authorization: { sector: 'app.example' } } as Parameters<typeof subjectIdentifier>[1]
    assert.equal(subjectIdentifier('alice', inSector, pairwise), 'alice at app.example')
    assert.throws(() => subjectIdentifier('alice', inSector, undefined), TypeError)
  })
})
