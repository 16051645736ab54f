import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createSelfSignedCertificate } from '@holdfast/testkit'
import { introspectedToken, verifiedJwt, type VerifiedToken } from '../token/verified-token.ts'
import type { CompactJws } from '../jose/compact-jws.ts'
import { decideResourceRequest, type ResourceRequestFacts } from './decide-resource-request.ts'
import { resourceAccessToken } from './resource-access-token.ts'
import { type ResourcePolicy, resourcePolicy } from './resource-policy.ts'

const now = 1_000_000
const thumbprint = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0'
const other = 'B4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0'
const claims = {
  iss: 'https://login.example',
  aud: 'https://api.example',
  exp: now + 60,
  sub: 'acme',
  client_id: 'acme',
  jti: 'j1',
  scope: 'orders:read orders:write',
  cnf: { 'x5t#S256': thumbprint },
}
const policy = resourcePolicy({ issuer: 'https://login.example', audience: ['https://api.example'] })

function jwt(changes: object = {}, typ: string | undefined = 'at+jwt'): VerifiedToken {
  const all = JSON.parse(JSON.stringify({ ...claims, ...changes })) as Record<string, unknown>
  return verifiedJwt({ header: { alg: 'ES256', kid: undefined, typ }, claims: all } as unknown as CompactJws)
}

function decided(
  token: VerifiedToken,
  facts: ResourceRequestFacts = { certificateThumbprint: thumbprint },
  rule: ResourcePolicy = policy,
  at: number = now,
): string {
  const read = resourceAccessToken(token, rule)
  if (!read.ok) return read.failure.reason
  const decision = decideResourceRequest(facts, read.value, rule, at)
  return decision.ok ? `allowed, bound to ${decision.value.boundTo ?? 'nothing'}` : decision.failure.reason
}

describe('decideResourceRequest', () => {
  test('RFC8705-M13 a bound token with its certificate passes', () => {
    assert.equal(decided(jwt()), `allowed, bound to ${thumbprint}`)
  })

  test('RFC8705-M24 the hash alone counts: an expired certificate that signed itself is as good as any', () => {
    const { thumbprint } = createSelfSignedCertificate({ notBefore: now - 100, notAfter: now - 50 })
    const token = jwt({ cnf: { 'x5t#S256': thumbprint } })
    assert.equal(decided(token, { certificateThumbprint: thumbprint }), `allowed, bound to ${thumbprint}`)
  })

  const refused: readonly (readonly [
    string,
    VerifiedToken,
    (ResourceRequestFacts | undefined)?,
    Partial<ResourcePolicy>?,
  ])[] = [
    ['RFC8705-M13 token_certificate_mismatch', jwt(), { certificateThumbprint: other }],
    ['RFC8705-M13 token_certificate_missing', jwt(), { certificateThumbprint: undefined }],
    [
      'RFC8705-M13 token_certificate_missing, bearer tokens allowed or not',
      jwt(),
      { certificateThumbprint: undefined },
      { binding: 'if_bound' },
    ],
    [
      'RFC8705-M13 token_certificate_mismatch, bearer tokens allowed or not',
      jwt(),
      { certificateThumbprint: other },
      { binding: 'if_bound' },
    ],
    ['token_not_bound', jwt({ cnf: undefined })],
    [
      'RFC8705-M29 token_confirmation_unsupported',
      jwt({ cnf: { kid: thumbprint } }),
      undefined,
      { binding: 'if_bound' },
    ],
    ['token_claim_malformed', jwt({ cnf: 'x' }), undefined, { binding: 'if_bound' }],
    ['token_claim_malformed', jwt({ cnf: null }), undefined, { binding: 'if_bound' }],
    ['certificate_source_refused', jwt(), { certificateThumbprint: undefined, certificateRefusal: { reason: 'x' } }],
    ['RFC9068-P5 token_expired', jwt({ exp: now - 10 })],
    ['token_not_yet_valid', jwt({ nbf: now + 11 })],
    ['token_claim_missing', jwt({ exp: undefined })],
    ['token_claim_malformed', jwt({ exp: '9999999999' })],
    ['token_claim_missing', jwt({ aud: undefined })],
    ['token_claim_missing', jwt({ iss: undefined })],
    ['token_claim_malformed', jwt({ aud: [1] })],
    ['RFC9068-P4 token_audience_mismatch', jwt({ aud: ['https://other.example'] })],
    ['token_audience_mismatch', jwt({ aud: 'https://api.example/' })],
    ['RFC9068-P3 token_issuer_mismatch', jwt({ iss: 'https://login.example/' })],
    ['RFC9068-P2 token_type_mismatch', jwt({}, 'JWT')],
    ['token_type_mismatch', verifiedJwt({ header: { alg: 'ES256' }, claims } as unknown as CompactJws)],
    ['RFC9068-P6 scope_insufficient', jwt(), undefined, { scope: ['orders:delete'] }],
    ['scope_insufficient', jwt({ scope: undefined }), undefined, { scope: ['orders:read'] }],
    ['scope_insufficient', jwt({ scope: 'orders:read2' }), undefined, { scope: ['orders:read'] }],
  ]
  for (const [index, [name, token, facts, changes]] of refused.entries()) {
    test(`${name} (${index})`, () => {
      const reason = name.replace(/^RFC\d+-[A-Z]\d+ /, '').replace(/,.*/, '')
      assert.equal(decided(token, facts ?? { certificateThumbprint: thumbprint }, { ...policy, ...changes }), reason)
    })
  }

  const allowed: readonly (readonly [
    string,
    VerifiedToken,
    (ResourceRequestFacts | undefined)?,
    Partial<ResourcePolicy>?,
  ])[] = [
    [
      'a bearer token where it is allowed',
      jwt({ cnf: undefined }),
      { certificateThumbprint: undefined },
      { binding: 'if_bound' },
    ],
    ['an exp 9 s ago', jwt({ exp: now - 9 })],
    ['an nbf 10 s ahead', jwt({ nbf: now + 10 })],
    ['one of several audiences', jwt({ aud: ['x', 'https://api.example'] })],
    ['the long form of typ, in any case', jwt({}, 'application/AT+JWT')],
    ['all required scopes', jwt(), undefined, { scope: ['orders:write', 'orders:read'] }],
    ['an introspected token', introspectedToken({ ...claims, active: true })],
    ['an introspected token without issuer', introspectedToken({ ...claims, active: true, iss: undefined })],
  ]
  for (const [name, token, facts, changes] of allowed) {
    test(`${name} passes`, () => {
      assert.match(decided(token, facts, { ...policy, ...changes }), /^allowed/)
    })
  }

  test('RFC8705-M17 an introspected token is bound by the cnf of the response', () => {
    const token = introspectedToken({ ...claims, active: true })
    assert.equal(decided(token, { certificateThumbprint: other }), 'token_certificate_mismatch')
    assert.equal(decided(token, { certificateThumbprint: undefined }), 'token_certificate_missing')
    for (const active of [false, undefined, 'true']) {
      assert.equal(decided(introspectedToken({ ...claims, active })), 'token_inactive')
    }
  })

  test('RFC8705-M13 RFC8705-M25 the same token, read once, is judged anew by certificate and time at each request', () => {
    const read = resourceAccessToken(jwt(), policy)
    assert.ok(read.ok)
    const at = (certificateThumbprint: string | undefined, time: number): boolean =>
      decideResourceRequest({ certificateThumbprint }, read.value, policy, time).ok
    assert.deepEqual(
      [at(thumbprint, now), at(other, now), at(undefined, now), at(thumbprint, now + 70)],
      [true, false, false, false],
    )
  })
})

describe('a resource that only reports', () => {
  const reporting: ResourcePolicy = { ...policy, binding: 'dangerously_report_only' }
  const told = (
    token: VerifiedToken,
    facts: ResourceRequestFacts,
    changes: Partial<ResourcePolicy> = {},
  ): string | undefined => {
    const rule = { ...reporting, ...changes }
    const read = resourceAccessToken(token, rule)
    if (!read.ok) return `refused: ${read.failure.reason}`
    const decision = decideResourceRequest(facts, read.value, rule, now)
    if (!decision.ok) return `refused: ${decision.failure.reason}`
    if (decision.value.wouldRefuse !== undefined) assert.equal(decision.value.boundTo, undefined)
    return decision.value.wouldRefuse?.reason
  }
  const nothing = { certificateThumbprint: undefined }

  test('lets pass what required refuses for its binding, and says what that would be', () => {
    assert.equal(told(jwt(), { certificateThumbprint: thumbprint }), undefined)
    assert.equal(told(jwt(), nothing), 'token_certificate_missing')
    assert.equal(told(jwt(), { certificateThumbprint: other }), 'token_certificate_mismatch')
    assert.equal(told(jwt({ cnf: undefined }), nothing), 'token_not_bound')
    assert.equal(told(jwt({ cnf: { jkt: thumbprint } }), nothing), 'token_proof_missing')
    assert.equal(
      told(jwt({ cnf: { jkt: thumbprint } }), { ...nothing, provenKeyThumbprint: other }),
      'token_key_mismatch',
    )
  })

  const refused: readonly (readonly [string, VerifiedToken, ResourceRequestFacts, Partial<ResourcePolicy>?])[] = [
    ['token_expired', jwt({ exp: now - 10 }), nothing],
    ['token_not_yet_valid', jwt({ nbf: now + 11 }), nothing],
    ['token_audience_mismatch', jwt({ aud: ['https://other.example'] }), nothing],
    ['token_type_mismatch', jwt({}, 'JWT'), nothing],
    ['scope_insufficient', jwt(), nothing, { scope: ['orders:delete'] }],
    ['scope_insufficient', jwt({ cnf: undefined }), nothing, { scope: ['orders:delete'] }],
    ['certificate_source_refused', jwt(), { ...nothing, certificateRefusal: { reason: 'x' } }],
    ['token_confirmation_unsupported', jwt({ cnf: { kid: thumbprint } }), nothing],
    ['token_confirmation_unsupported', jwt({ cnf: { 'x5t#S256': thumbprint, jkt: thumbprint } }), nothing],
    ['token_claim_malformed', jwt({ cnf: 'x' }), nothing],
  ]
  for (const [reason, token, facts, changes] of refused) {
    test(`refuses as ever: ${reason}`, () => {
      assert.equal(told(token, facts, changes), `refused: ${reason}`)
    })
  }
})
