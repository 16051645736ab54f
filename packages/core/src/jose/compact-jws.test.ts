import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type CompactJwsProblem, parseCompactJws } from './compact-jws.ts'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const jws = (header: unknown, claims: unknown): string => `${part(header)}.${part(claims)}.AQI`

describe('parseCompactJws', () => {
  test('takes a JWS apart', () => {
    const text = jws({ alg: 'ES256', kid: 'k', typ: 'JWT', jku: 'https://evil.example' }, { sub: 'a' })
    assert.deepEqual(parseCompactJws(text), {
      ok: true,
      value: {
        header: { alg: 'ES256', kid: 'k', typ: 'JWT' },
        claims: { sub: 'a' },
        signingInput: text.slice(0, text.lastIndexOf('.')),
        signature: Uint8Array.of(1, 2),
      },
    })
  })

  const malformed: readonly (readonly [string, CompactJwsProblem])[] = [
    ['', 'not_three_parts'],
    ['a.b', 'not_three_parts'],
    ['a.b.c.d.e', 'not_three_parts'],
    [`${part({ alg: 'ES256' })}=.${part({})}.AQI`, 'header_not_base64url'],
    [`${part([])}.${part({})}.AQI`, 'header_not_an_object'],
    [`${Buffer.from('{').toString('base64url')}.${part({})}.AQI`, 'header_not_an_object'],
    [`${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${part({})}.AQI`, 'header_not_an_object'],
    [jws({}, {}), 'alg_missing'],
    [jws({ alg: 1 }, {}), 'alg_missing'],
    [jws({ alg: 'ES256', kid: 7 }, {}), 'kid_not_text'],
    [jws({ alg: 'ES256', typ: [] }, {}), 'typ_not_text'],
    [`${part({ alg: 'ES256' })}.é.AQI`, 'payload_not_base64url'],
    [jws({ alg: 'ES256' }, 'text'), 'payload_not_an_object'],
    [jws({ alg: 'ES256' }, null), 'payload_not_an_object'],
    [`${part({ alg: 'ES256' })}.${part({})}.A`, 'signature_not_base64url'],
  ]
  for (const [text, problem] of malformed) {
    test(`refuses ${JSON.stringify(text.slice(0, 40))}: ${problem}`, () => {
      assert.deepEqual(parseCompactJws(text), { ok: false, failure: { reason: 'malformed', problem } })
    })
  }

  test('refuses a critical header, whatever it names', () => {
    for (const crit of [['exp'], [], 'b64', null]) {
      const parsed = parseCompactJws(jws({ alg: 'ES256', crit }, {}))
      assert.deepEqual(parsed, { ok: false, failure: { reason: 'critical', critical: JSON.stringify(crit) } })
    }
  })

  test('refuses by length before anything is decoded', () => {
    assert.deepEqual(parseCompactJws('.'.repeat(16_385)), {
      ok: false,
      failure: { reason: 'too_long', length: 16_385, limit: 16_384 },
    })
  })

  test('__proto__ in header or claims changes no object', () => {
    const text = `${Buffer.from('{"alg":"ES256","__proto__":{"kid":"x"}}').toString('base64url')}.${Buffer.from('{"__proto__":{"sub":"x"}}').toString('base64url')}.AQI`
    const parsed = parseCompactJws(text)
    assert.ok(parsed.ok)
    assert.equal(parsed.value.header.kid, undefined)
    assert.equal(parsed.value.claims['sub'], undefined)
    assert.equal(({} as Record<string, unknown>)['sub'], undefined)
  })

  test('any text is parsed or refused, never more', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'eyJhbGciOi.{}"_-='), maxLength: 60 }), (text) => {
        const parsed = parseCompactJws(text)
        assert.equal(typeof parsed.ok, 'boolean')
      }),
    )
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (header, claims) => {
          const parsed = parseCompactJws(jws({ ...header, alg: 'ES256' }, claims))
          if (parsed.ok) assert.deepEqual(parsed.value.claims, JSON.parse(JSON.stringify(claims)))
          else assert.ok('crit' in header || 'kid' in header || 'typ' in header)
        },
      ),
    )
  })
})
