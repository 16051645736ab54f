import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isCompactJwe, parseCompactJwe } from './compact-jwe.ts'

const usual = { alg: 'ECDH-ES', enc: 'A256GCM', kid: 'k', epk: { kty: 'EC' } }

function jwe(header: unknown, rest = '.AAAA.BBBB.CCCC.DDDD'): string {
  return Buffer.from(typeof header === 'string' ? header : JSON.stringify(header)).toString('base64url') + rest
}

describe('parseCompactJwe', () => {
  test('algorithm, encoding and key are read; what is inside stays as it is', () => {
    const text = jwe(usual)
    assert.deepEqual(parseCompactJwe(text), { ok: true, value: { text, alg: 'ECDH-ES', enc: 'A256GCM', kid: 'k' } })
    const { epk: _, kid: __, ...direct } = usual
    const parsed = parseCompactJwe(jwe(direct, '..BBBB.CCCC.DDDD'))
    assert.ok(parsed.ok)
    assert.equal(parsed.value.kid, undefined)
  })

  const refused: readonly (readonly [string, string])[] = [
    ['compressed', jwe({ ...usual, zip: 'DEF' })],
    ['compressed', jwe({ ...usual, zip: null })],
    ['critical', jwe({ ...usual, crit: ['exp'] })],
    ['alg_missing', jwe({ enc: 'A256GCM' })],
    ['enc_missing', jwe({ alg: 'ECDH-ES' })],
    ['kid_not_text', jwe({ ...usual, kid: 1 })],
    ['header_not_an_object', jwe('[]')],
    ['header_not_an_object', jwe('{')],
    ['header_not_base64url', '.AAAA.BBBB.CCCC.DDDD'],
    ['header_not_base64url', '*.AAAA.BBBB.CCCC.DDDD'],
    ['part_not_base64url', jwe(usual, '.AAAA.BB=B.CCCC.DDDD')],
    ['not_five_parts', jwe(usual, '.AAAA.BBBB')],
    ['not_five_parts', jwe(usual, '.AAAA.BBBB.CCCC.DDDD.EEEE')],
    ['too_long', jwe(usual, `.${'A'.repeat(24_600)}.B.C.D`)],
  ]
  for (const [problem, text] of refused) {
    test(`${problem}: ${text.slice(0, 60)}`, () => {
      assert.deepEqual(parseCompactJwe(text), { ok: false, failure: problem })
    })
  }

  test('any text is read or refused, and only five parts are a JWE', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const parsed = parseCompactJwe(text)
        assert.equal(isCompactJwe(text), text.split('.').length === 5)
        if (parsed.ok) assert.ok(isCompactJwe(text))
      }),
    )
  })
})
