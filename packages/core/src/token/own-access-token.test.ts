import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AccessToken, accessTokenClaims } from './access-token.ts'
import { ownAccessToken } from './own-access-token.ts'
import type { VerifiedToken } from './verified-token.ts'

const issuer = 'https://login.example'
const token: AccessToken = {
  clientId: 'acme',
  subject: 'acme',
  scope: ['a', 'b'],
  audience: ['https://api.example'],
  issuedAt: 100,
  expiresAt: 400,
  confirmation: { 'x5t#S256': 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0' },
}
const verified = (claims: object, typ: string | undefined = 'at+jwt'): VerifiedToken =>
  ({ kind: 'jwt', typ, claims }) as unknown as VerifiedToken

test('RFC9068-P1 what was written as claims is read back as the same token', () => {
  const { confirmation: _, ...bearer } = token
  const delegated = {
    ...token,
    confirmation: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' },
    authorizationId: 'az',
    authorizationDetails: [{ type: 'payment', amount: 1 }],
    actor: { sub: 'robot', act: { sub: 'other' } },
  }
  for (const one of [token, bearer, delegated, { ...token, scope: [], audience: ['a', 'b'] }]) {
    const claims = JSON.parse(JSON.stringify(accessTokenClaims(one, issuer, 'j1'))) as object
    assert.deepEqual(ownAccessToken(verified(claims), issuer), { token: one, jti: 'j1' })
  }
})

test('RFC9068-P2 anything else that our key may have signed is not an access token of ours', () => {
  const claims = accessTokenClaims(token, issuer, 'j1')
  assert.equal(ownAccessToken(verified(claims, 'JWT'), issuer), undefined)
  assert.equal(ownAccessToken(verified(claims), 'https://other.example'), undefined)
  for (const claim of ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']) {
    assert.equal(ownAccessToken(verified({ ...claims, [claim]: undefined }), issuer), undefined, claim)
  }
  for (const cnf of [{}, { jkt: 'x' }, 'x', null]) {
    assert.equal(ownAccessToken(verified({ ...claims, cnf }), issuer), undefined)
  }
})
