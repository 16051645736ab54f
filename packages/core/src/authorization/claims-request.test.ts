import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { claimsRequest, askedValues, requestedSubject } from './claims-request.ts'
import { prompt } from './prompt.ts'

describe('claimsRequest', () => {
  test('the example of OpenID Connect Core §5.5 is read', () => {
    const text = JSON.stringify({
      userinfo: { given_name: { essential: true }, nickname: null, 'http://example.info/claims/groups': null },
      id_token: { auth_time: { essential: true }, acr: { values: ['urn:mace:incommon:iap:silver'] } },
      unknown: { ignored: true },
    })
    const claims = claimsRequest(text)
    assert.ok(claims.ok)
    assert.deepEqual(claims.value, {
      userinfo: { given_name: { essential: true }, nickname: null, 'http://example.info/claims/groups': null },
      id_token: { auth_time: { essential: true }, acr: { values: ['urn:mace:incommon:iap:silver'] } },
    })
  })

  const malformed = [
    '',
    'null',
    '[]',
    '"x"',
    '{',
    '{"id_token":1}',
    '{"userinfo":{"a":true}}',
    '{"userinfo":{"a":{"values":1}}}',
    `{"userinfo":{"a":{"value":"${'x'.repeat(9_000)}"}}}`,
  ]
  for (const text of malformed) {
    test(`${text.slice(0, 40) || 'an empty text'} is malformed`, () => {
      assert.ok(!claimsRequest(text).ok)
    })
  }

  test('an essential acr and a wanted subject are found, __proto__ is a name like any other', () => {
    const claims = claimsRequest(
      '{"id_token":{"acr":{"essential":true,"values":["a","b",7]},"sub":{"value":"alice"},"__proto__":{"essential":true}}}',
    )
    assert.ok(claims.ok)
    assert.deepEqual(askedValues(claims.value, 'acr', 'essential'), ['a', 'b'])
    assert.deepEqual(askedValues(claims.value, 'toString', 'essential'), [])
    assert.equal(requestedSubject(claims.value), 'alice')
    assert.deepEqual(askedValues(claims.value, 'acr', 'voluntary'), [])
    const wished = claimsRequest('{"id_token":{"acr":{"values":["a"]}}}')
    assert.ok(wished.ok)
    assert.deepEqual(askedValues(wished.value, 'acr', 'essential'), [])
    assert.deepEqual(askedValues(wished.value, 'acr', 'voluntary'), ['a'])
    const any = claimsRequest('{"id_token":{"acr":null}}')
    assert.deepEqual(any.ok && askedValues(any.value, 'acr', 'voluntary'), [])
    assert.equal(({} as Record<string, unknown>)['essential'], undefined)
  })

  test('any text is read or refused, never thrown at', () => {
    fc.assert(fc.property(fc.json(), (text) => typeof claimsRequest(text).ok === 'boolean'))
    fc.assert(fc.property(fc.string(), (text) => typeof claimsRequest(text).ok === 'boolean'))
  })
})

describe('prompt', () => {
  const prompts: readonly (readonly [string | undefined, readonly string[] | string])[] = [
    [undefined, []],
    ['none', ['none']],
    ['login consent', ['login', 'consent']],
    ['login login', ['login']],
    ['none login', 'prompt_contradictory'],
    ['create', 'parameter_malformed'],
    ['login  consent', 'parameter_malformed'],
  ]
  for (const [text, expected] of prompts) {
    test(`${JSON.stringify(text)} means ${JSON.stringify(expected)}`, () => {
      const result = prompt(text)
      assert.deepEqual(result.ok ? result.value : result.failure.reason, expected)
    })
  }
})
