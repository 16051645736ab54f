import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseFormParameters } from './form-parameters.ts'

describe('parseFormParameters', () => {
  const accepted: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['', {}],
    ['a=b', { a: 'b' }],
    ['a=b&c=d%20e+f%2B&', { a: 'b', c: 'd e f+' }],
    ['&&a=b=c', { a: 'b=c' }],
    ['client_secret=&a', {}],
    ['%61=%C3%A9', { a: 'é' }],
    ['scope=a b+c%20d&e f=', { scope: 'a b c d' }],
  ]
  for (const [text, expected] of accepted) {
    test(`RFC6749-A30 reads ${JSON.stringify(text)}`, () => {
      const form = parseFormParameters(text)
      assert.ok(form.ok)
      assert.deepEqual(Object.fromEntries(form.value), expected)
    })
  }

  const refused: readonly (readonly [string, object])[] = [
    ['a=b&a=c', { reason: 'parameter_repeated', parameter: 'a' }],
    ['a=b&%61=c', { reason: 'parameter_repeated', parameter: 'a' }],
    ['a=&a=c', { reason: 'parameter_repeated', parameter: 'a' }],
    ['a=b&a=', { reason: 'parameter_repeated', parameter: 'a' }],
    ['resource=urn:a&resource=urn:b', { reason: 'resource_repeated' }],
    ['a=b&c=%zz', { reason: 'form_malformed', position: 4 }],
    ['a=%ff', { reason: 'form_malformed', position: 0 }],
    ['a=é', { reason: 'form_malformed', position: 2 }],
    ['a=b\r\n', { reason: 'form_malformed', position: 3 }],
    ['{"a":\t1}', { reason: 'form_malformed', position: 5 }],
    ['a'.repeat(65_537), { reason: 'form_too_large', limit: 65_536 }],
    [
      Array.from({ length: 101 }, (_, index) => `p${index}=1`).join('&'),
      { reason: 'form_too_many_parameters', limit: 100 },
    ],
  ]
  for (const [text, failure] of refused) {
    test(`RFC6749-A30 refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.deepEqual(parseFormParameters(text), { ok: false, failure })
    })
  }

  test('__proto__ and constructor are names like any other', () => {
    const form = parseFormParameters('__proto__=x&constructor=y')
    assert.ok(form.ok)
    assert.deepEqual(
      [...form.value],
      [
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ],
    )
  })

  test('reads what URLSearchParams writes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary', minLength: 1 }), {
          maxKeys: 20,
        }),
        (parameters) => {
          const entries = Object.entries(parameters).filter(
            ([name, value]) => name.isWellFormed() && value.isWellFormed(),
          )
          const form = parseFormParameters(new URLSearchParams(entries).toString())
          assert.ok(form.ok)
          assert.deepEqual(new Map(form.value), new Map(entries))
        },
      ),
    )
  })

  test('any text is read or refused, never more', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab=&%+4zé\n') }), (text) => void parseFormParameters(text)),
    )
  })
})
