import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { compactJws, rememberingJwsHeader } from './compact-jws.ts'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const withHeader = (header: unknown): string => `${part(header)}.${part({})}.c2ln`

test('a compact JWS is taken apart into what was put in', () => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.uint8Array({ minLength: 1 }),
      fc.option(fc.string(), { nil: undefined }),
      (payload, signature, kid) => {
        const header = { alg: 'ES256', ...(kid === undefined ? {} : { kid }), typ: 'application/AT+JWT' }
        const text = [part(header), base64url(payload), base64url(signature)].join('.')
        const jws = compactJws(text)
        assert.ok(jws.ok)
        assert.deepEqual(
          { ...jws.value, payload: base64url(jws.value.payload), signature: base64url(jws.value.signature) },
          {
            header: { algorithm: 'ES256', keyId: kid, type: 'application/AT+JWT' },
            signingInput: Buffer.from(text.slice(0, text.lastIndexOf('.'))),
            payload: base64url(payload),
            signature: base64url(signature),
          },
        )
      },
    ),
  )
})

test('one changed character in a segment gives other bytes or a refusal, never the same bytes', () => {
  const text = fc.uint8Array({ minLength: 1, maxLength: 40 }).map(base64url)
  const character = fc.oneof(
    fc.constantFrom(...'+/=-_ \n\t\r.AQgw'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  )
  fc.assert(
    fc.property(text, fc.nat(60), fc.constantFrom(0, 1), character, (signature, place, removed, put) => {
      const at = place % (signature.length + 1)
      const changed = signature.slice(0, at) + put + signature.slice(at + removed)
      fc.pre(changed !== signature)
      const jws = compactJws(`${part({ alg: 'ES256' })}.e30.${changed}`)
      assert.ok(!jws.ok || base64url(jws.value.signature) === changed)
    }),
    { numRuns: 3000 },
  )
})

test('of all short texts exactly those are taken that encoding back gives again', () => {
  const header = part({ alg: 'ES256' })
  const characters = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))
  const rests = ['', 'A', 'AA', 'AAA', 'AAAA', '-_', '_-_', 'A+', '//']
  for (const rest of rests) {
    for (const first of characters) {
      for (const last of characters) {
        const text = first + rest + last
        const canonical = Buffer.from(text, 'base64url').toString('base64url') === text
        const jws = compactJws(`${header}.e30.${text}`)
        if (jws.ok !== canonical) assert.fail(JSON.stringify(text))
      }
    }
  }
})

test('nothing that arrives makes it throw, and what it takes has one spelling only', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.oneof(
          fc.string(),
          fc.base64String(),
          fc.json().map((json) => Buffer.from(json).toString('base64url')),
        ),
      )
      .map((parts) => parts.join('.')),
  )
  fc.assert(
    fc.property(anything, (text) => {
      const jws = compactJws(text)
      if (!jws.ok) return
      const { signingInput, signature } = jws.value
      assert.equal(`${signingInput.toString()}.${base64url(signature)}`, text)
    }),
    { numRuns: 500 },
  )
})

const refusals: readonly [string, string, string | undefined][] = [
  ['two segments', 'eyJhbGciOiJFUzI1NiJ9.e30', 'not_three_parts'],
  ['five segments, as a JWE has', 'a.b.c.d.e', 'not_three_parts'],
  ['an empty header', '.e30.c2ln', 'not_three_parts'],
  ['a header that is an array', withHeader(['ES256']), 'header_not_an_object'],
  [
    'a header that is not UTF-8',
    `${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.e30.c2ln`,
    'header_not_an_object',
  ],
  ['no alg', withHeader({ kid: 'a' }), 'alg_missing'],
  ['alg that is a list', withHeader({ alg: ['ES256'] }), 'alg_missing'],
  ['kid that is a number', withHeader({ alg: 'ES256', kid: 1 }), 'kid_not_text'],
  ['compression', withHeader({ alg: 'ES256', zip: 'DEF' }), 'compressed'],
  ['padding', `${withHeader({ alg: 'ES256' })}=`, 'signature_not_base64url'],
  ['a line break', `${withHeader({ alg: 'ES256' })}\n`, 'signature_not_base64url'],
  ['set bits behind the last byte', `${withHeader({ alg: 'ES256' }).slice(0, -4)}c2lh1`, 'signature_not_base64url'],
  ['no signature', `${part({ alg: 'none' })}.e30.`, 'signature_not_base64url'],
]
for (const [what, text, problem] of refusals) {
  test(`refused: ${what}`, () => {
    assert.deepEqual(compactJws(text), { ok: false, failure: { reason: 'token_malformed', problem } })
  })
}

test('an extension that is marked critical is refused, whichever it is (RFC 7515 §4.1.11)', () => {
  for (const crit of [['b64'], ['exp'], [], 'b64', null]) {
    const jws = compactJws(withHeader({ alg: 'ES256', crit, b64: false }))
    assert.equal(!jws.ok && jws.failure.reason, 'token_header_critical', JSON.stringify(crit))
  }
})

test('the size is limited before anything is decoded', () => {
  assert.deepEqual(compactJws('a'.repeat(16_385)), {
    ok: false,
    failure: { reason: 'token_too_long', length: 16_385, limit: 16_384 },
  })
})

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

test('a reader with a memory answers as one without, whatever came before', () => {
  const headers = fc.constantFrom(
    { alg: 'ES256', kid: 'a' },
    { alg: 'ES256', kid: 'b' },
    { alg: 'none' },
    { kid: 'c' },
    [],
  )
  fc.assert(
    fc.property(fc.array(headers), (list) => {
      const reader = rememberingJwsHeader()
      for (const header of list)
        assert.deepEqual(compactJws(withHeader(header), reader), compactJws(withHeader(header)))
    }),
  )
})
