import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readDocument } from './read-document.ts'

test('the line of a path is that of its key or item, or of the nearest around it', () => {
  const { data, lineOf } = readDocument(`# about
issuer: a
hosts:
  x.y: { role: main,
         "tls": {} }
list:
  - a: 1
    b: |
      text
  - "q"
1: one
`)
  assert.deepEqual(data, {
    issuer: 'a',
    hosts: { 'x.y': { role: 'main', tls: {} } },
    list: [{ a: 1, b: 'text\n' }, 'q'],
    '1': 'one',
  })
  assert.deepEqual(
    [
      lineOf(['issuer']),
      lineOf(['hosts', 'x.y']),
      lineOf(['hosts', 'x.y', 'tls']),
      lineOf(['hosts', 'x.y', 'tls', 'certificate']),
      lineOf(['list', 0]),
      lineOf(['list', 0, 'b']),
      lineOf(['list', 1]),
      lineOf(['list', 2]),
      lineOf([1]),
      lineOf([]),
      lineOf(['absent']),
    ],
    [2, 4, 5, 5, 7, 8, 10, 6, 11, undefined, undefined],
  )
})

test('line breaks of any kind count, in JSON too', () => {
  assert.equal(readDocument('{\r\n\t"a": 1,\r\n\t"b": [\r\n2]}').lineOf(['b', 0]), 4)
  assert.equal(readDocument('a: 1\rb: 2').lineOf(['b']), 2)
})

test('scalars are those of YAML 1.2: yes is text, and so is a date', () => {
  assert.deepEqual(readDocument('{a: yes, b: 010, c: 0o10, d: 2026-01-01, e: ~, f: True, <<: {g: 1}}').data, {
    a: 'yes',
    b: 10,
    c: 8,
    d: '2026-01-01',
    e: null,
    f: true,
    '<<': { g: 1 },
  })
})

test('an anchor is a template, and one inside itself, or a bomb of them, is a problem', () => {
  assert.deepEqual(readDocument('a: &a [x, y]\nb: *a').data, { a: ['x', 'y'], b: ['x', 'y'] })
  assert.match(problemOf('a: &a [*a]'), /inside what it names/)
  assert.match(problemOf('a: &a {b: {c: *a}}'), /inside what it names/)
  const bomb = [
    'a: &a [x]',
    ...[...'bcdefghij'].map(
      (to, at) =>
        `${to}: &${to} [${Array(9)
          .fill(`*${'abcdefghi'[at] ?? ''}`)
          .join(',')}]`,
    ),
  ]
  assert.match(problemOf(bomb.join('\n')), /too many YAML aliases/)
  const clients = Array.from({ length: 5000 }, (_, at) => `- { id: c${at}, scope: *s }`).join('\n')
  assert.deepEqual(readDocument(`s: &s [read, write]\nclients:\n${clients}`).problems, [])
})

test('an empty file is empty, and two documents in one are a problem', () => {
  assert.deepEqual(readDocument('# nothing\n').data, {})
  assert.match(problemOf('a: 1\n---\nb: 2\n'), /more than one YAML document/)
})

test('every duplicate key is named, also before a fault of the syntax', () => {
  const said = (text: string): readonly unknown[] =>
    readDocument(text).problems.map(({ line, problem }) => `${line} ${problem}`)
  const text = 'a: 1\na: 2\nb: { c: 1, d: 2,\n  c: 3 }\n'
  assert.deepEqual(said(text), ['2 not valid YAML (duplicate key)', '4 not valid YAML (duplicate key)'])
  assert.deepEqual(said(`${text}e: [\n`).slice(0, -1), said(text))
})

test('what is not YAML says why and where', () => {
  const { problems } = readDocument('a: 1\nb: [1, 2\nc: 3\n')
  assert.match(problems[0]?.problem ?? '', /^not valid YAML \(.+\)$/)
  assert.ok((problems[0]?.line ?? 0) >= 2)
  assert.match(problemOf(`${'['.repeat(100)}`), /nesting/)
  assert.match(problemOf('a: !!binary eA=='), /unknown scalar tag/)
})

test('any text at all is data or a problem, and every path has a line or none', () => {
  const word = fc.constantFrom(
    'a: ',
    '- ',
    '&x ',
    '*x',
    '{',
    '}',
    '[',
    ']',
    '"',
    '\n',
    '  ',
    '|\n',
    '? ',
    '!t ',
    '#',
    '1',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 40 }), (words) => {
      const text = words.join('')
      const { problems, lineOf } = readDocument(text)
      for (const path of [['a'], ['a', 0], [0, 'a', 'a']])
        assert.ok((lineOf(path) ?? 1) <= text.split(/\r\n|\n|\r/).length)
      assert.ok(problems.every(({ line }) => line !== undefined))
    }),
    { numRuns: 500 },
  )
})

function problemOf(text: string): string {
  return readDocument(text).problems[0]?.problem ?? ''
}
