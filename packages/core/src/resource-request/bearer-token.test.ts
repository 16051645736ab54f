import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { bearerToken } from './bearer-token.ts'

describe('bearerToken', () => {
  for (const header of ['Bearer abc.def-_~+/==', 'bearer abc.def-_~+/==', 'BEARER   abc.def-_~+/==']) {
    test(`RFC6750-T1 reads ${header}`, () => {
      assert.deepEqual(bearerToken(header), { ok: true, value: 'abc.def-_~+/==' })
      assert.deepEqual(bearerToken([header]), { ok: true, value: 'abc.def-_~+/==' })
    })
  }

  for (const header of [undefined, [], '', 'Basic YTpi', 'Bearerabc', 'DPoP abc']) {
    test(`RFC6750-T2 ${JSON.stringify(header)} holds no token`, () => {
      assert.deepEqual(bearerToken(header), { ok: false, failure: { reason: 'token_missing' } })
    })
  }

  const malformed: readonly (readonly [string | readonly string[], string])[] = [
    ['Bearer', 'not_a_token'],
    ['Bearer ', 'not_a_token'],
    ['Bearer a b', 'not_a_token'],
    ['Bearer a,Bearer b', 'not_a_token'],
    ['Bearer "a"', 'not_a_token'],
    ['Bearer é', 'not_a_token'],
    [['Bearer a', 'Bearer a'], 'repeated'],
  ]
  for (const [header, problem] of malformed) {
    test(`RFC6750-T1 refuses ${JSON.stringify(header)}: ${problem}`, () => {
      assert.deepEqual(bearerToken(header), {
        ok: false,
        failure: { reason: 'authorization_header_malformed', problem },
      })
    })
  }

  test('refuses a token of more than 16 KB', () => {
    const result = bearerToken(`Bearer ${'a'.repeat(16_385)}`)
    assert.deepEqual(result, { ok: false, failure: { reason: 'token_too_long', length: 16_385, limit: 16_384 } })
  })

  test('any header is read or refused, never more', () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (text, prefixed) => {
        const result = bearerToken(prefixed ? `Bearer ${text}` : text)
        if (result.ok) assert.match(result.value, /^[A-Za-z0-9._~+/-]+=*$/)
      }),
    )
  })
})
