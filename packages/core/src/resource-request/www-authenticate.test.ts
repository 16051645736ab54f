import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resourceErrorResponse, wwwAuthenticate } from './www-authenticate.ts'

test('RFC8705-M13 a mismatch is 401 invalid_token with a challenge, without the thumbprints', () => {
  const failure = { reason: 'token_certificate_mismatch', expected: 'EXPECTED', presented: 'PRESENTED' } as const
  const answer = resourceErrorResponse(failure, 'r1', { realm: 'orders' })
  assert.equal(answer.status, 401)
  assert.equal(
    answer.headers['www-authenticate'],
    'Bearer realm="orders", error="invalid_token", error_description="The access token is bound to another certificate. (reference r1)"',
  )
  assert.equal(`${answer.body}${JSON.stringify(answer.headers)}`.includes('EXPECTED'), false)
})

test('RFC6750-T3 without a token the challenge names no error, but what is needed', () => {
  const challenge = { scope: ['a', 'b'], resourceMetadata: 'https://api.example/.well-known/oauth-protected-resource' }
  assert.equal(
    wwwAuthenticate({ reason: 'token_missing' }, 'r', challenge),
    'Bearer scope="a b", resource_metadata="https://api.example/.well-known/oauth-protected-resource"',
  )
  assert.equal(wwwAuthenticate({ reason: 'token_missing' }, 'r', {}), 'Bearer')
  assert.equal(resourceErrorResponse({ reason: 'token_missing' }, 'r', {}).status, 401)
})

test('RFC6750-T4 insufficient scope is 403 and names the scope', () => {
  const answer = resourceErrorResponse({ reason: 'scope_insufficient', required: ['b'], granted: ['a'] }, 'r', {
    scope: ['b'],
  })
  assert.equal(answer.status, 403)
  assert.match(answer.headers['www-authenticate'] ?? '', /error="insufficient_scope".*scope="b"/)
})

test('an outage is no reason to ask for another token', () => {
  const answer = resourceErrorResponse({ reason: 'token_keys_unavailable', cause: 'timeout' }, 'r', {})
  assert.equal(answer.status, 503)
  assert.equal(answer.headers['www-authenticate'], undefined)
  assert.equal(answer.headers['retry-after'], '5')
})

test('RFC6750-T5 no value can leave its quotation marks', () => {
  const value = wwwAuthenticate({ reason: 'token_missing' }, 'r', { realm: 'a"\\, x="\r\nSet-Cookie: y' })
  assert.equal(value, 'Bearer realm="a\\"\\\\, x=\\"Set-Cookie: y"')
})
