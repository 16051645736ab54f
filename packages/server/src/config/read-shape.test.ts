import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readShape } from './read-shape.ts'
import {
  boolean,
  either,
  list,
  mapping,
  oneOf,
  openMapping,
  optional,
  otherwise,
  record,
  required,
  text,
  textLike,
  wholeNumber,
} from './shape.ts'

const server = mapping({
  name: required(text(2, 8)),
  port: otherwise(443, wholeNumber(1, 65_535)),
  role: optional(oneOf('main', 'mtls')),
  open: optional(boolean()),
  wait: otherwise('1s', either(wholeNumber(0), textLike(/^[0-9]+s$/), 'seconds')),
  parts: optional(list(record(textLike(/^[a-z]+$/, 'a small word'), text()), 1)),
})

test('what is absent is its default or stays absent', () => {
  const { value, problems } = readShape(server, { name: 'one' })
  assert.deepEqual(value, { name: 'one', port: 443, wait: '1s' })
  assert.deepEqual(problems, [])
})

test('an unknown key is a problem, and the known ones are read all the same', () => {
  const { value, problems } = readShape(server, { name: 'one', prot: 1, x: 2 })
  assert.deepEqual(value, { name: 'one', port: 443, wait: '1s' })
  assert.deepEqual(
    problems.map(({ at, hint }) => [at, hint]),
    [
      [['prot'], 'did you mean port?'],
      [['x'], 'known here: name, port, role, open, wait, parts'],
    ],
  )
})

test('every value that does not fit is named with what it should have been', () => {
  const said = (data: unknown): readonly string[] =>
    readShape(server, data).problems.map(
      ({ at, problem, expected, hint }) => `${at.join('.')}: ${problem}, ${expected ?? ''}, ${hint ?? ''}`,
    )
  assert.deepEqual(said(null), [': not null, a mapping, '])
  assert.deepEqual(said([]), [': not a list, a mapping, '])
  assert.deepEqual(said({}), ['name: missing, string, '])
  assert.deepEqual(said({ name: 'x' }), ['name: not "x", at least 2, '])
  assert.deepEqual(said({ name: 'xxxxxxxxx' }), ['name: not "xxxxxxxxx", at most 8, '])
  assert.deepEqual(said({ name: 7, port: 0, role: 'mian', open: 'yes', wait: '1' }), [
    'name: not 7, string, ',
    'port: not 0, at least 1, ',
    'role: not "mian", main | mtls, did you mean main?',
    'open: not "yes", true or false, ',
    'wait: not "1", seconds, ',
  ])
  assert.deepEqual(said({ name: 'one', port: 1.5, parts: [] }), [
    'port: not 1.5, a whole number, ',
    'parts: empty, at least 1 entry, ',
  ])
  assert.deepEqual(said({ name: 'one', port: 65_536, parts: [{ a: 'b' }, { A: 1 }] }), [
    'port: not 65536, at most 65535, ',
    'parts.1.A: not a usable name, a small word, ',
    'parts.1.A: not 1, string, ',
  ])
})

test('a value whose key may hold a secret is never repeated', () => {
  const { problems } = readShape(mapping({ client_secret: required(text(64, 128)) }), { client_secret: 'hunter2' })
  assert.ok(problems.length === 1 && !JSON.stringify(problems).includes('hunter2'))
})

test('names that objects inherit are data like any other', () => {
  const inherited = JSON.parse('{"__proto__": {"name": "two"}, "constructor": 1, "name": "one"}') as unknown
  assert.deepEqual(
    readShape(server, inherited).problems.map(({ at }) => at),
    [['__proto__'], ['constructor']],
  )
  const kept = readShape(openMapping({ name: required(text()) }), inherited).value
  assert.deepEqual(Object.keys(kept ?? {}), ['name', '__proto__', 'constructor'])
  assert.equal(Object.getPrototypeOf(kept), Object.prototype)
  const named = readShape(record(text(), text()), JSON.parse('{"__proto__": "x"}')).value
  assert.deepEqual(Object.entries(named ?? {}), [['__proto__', 'x']])
})

test('any data at all is read to a value that reads to itself, or to problems', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.record({ name: fc.string(), wait: fc.nat() })), (data) => {
      const { value, problems } = readShape(server, data)
      if (value === undefined) assert.ok(problems.length > 0)
      else assert.deepEqual(readShape(server, value), { value, problems: [] })
    }),
  )
})
