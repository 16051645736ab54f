import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import fc from 'fast-check'
import { yaml } from './yaml-text.ts'

test('an inserted value is read back as what it was, whatever it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = yaml`key: ${value as string}
list:
  - ${value as string}
`.text
      const plain = JSON.parse(JSON.stringify(value)) as unknown
      assert.deepEqual(parse(text), { key: plain, list: [plain] })
    }),
  )
})

test('plain words stay without quotes, what YAML would read as something else does not', () => {
  assert.equal(yaml`a: ${'orders.partner.example'}`.text, 'a: orders.partner.example')
  assert.equal(yaml`a: ${'https://localhost:8443'}`.text, 'a: https://localhost:8443')
  for (const text of [
    'true',
    'NO',
    'null',
    '8443',
    '127.0.0.1:8443',
    '[::1]:8443',
    'a: b',
    '# x',
    'x #y',
    '',
    '.5',
    '.nan',
    '~',
    '.',
  ])
    assert.deepEqual(parse(yaml`a: ${text}`.text), { a: text })
})

test('inserted YAML takes the indentation of its place', () => {
  const inner = yaml`- one: 1
  two: 2`
  assert.deepEqual(
    parse(
      yaml`list:
    ${[inner, inner]}
`.text,
    ),
    {
      list: [
        { one: 1, two: 2 },
        { one: 1, two: 2 },
      ],
    },
  )
})
