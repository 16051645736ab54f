import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { bicepText, expression } from './bicep-syntax.ts'
import { quoted } from './curly-syntax.ts'
import { apacheDialect, caddyDialect, haproxyDialect, line, lineText } from './line-syntax.ts'
import { block, directive, nginxText } from './nginx-syntax.ts'
import { command, shellText, variable } from './shell-syntax.ts'
import { element, xmlText } from './xml-syntax.ts'
import { yamlText } from './yaml-syntax.ts'

test('nginx: words that mean something are quoted, blocks are indented', () => {
  assert.equal(
    nginxText([block(['server'], [directive('return', '421', 'a "b" \\ {c};')])]),
    'server {\n  return 421 "a \\"b\\" \\\\ {c};";\n}\n',
  )
})

test('each line syntax quotes in its own way', () => {
  const words = line('a', 'b c', `d"e'f`)
  assert.equal(lineText(haproxyDialect, [words]), `a 'b c' 'd"e'\\''f'\n`)
  assert.equal(lineText(caddyDialect, [words]), `a "b c" "d\\"e'f"\n`)
  assert.equal(lineText(apacheDialect, [words]), `a "b c" "d\\"e'f"\n`)
})

test('no printer writes a control character', () => {
  for (const text of ['a\nb', 'a\rb', 'a\0b', 'a\tb']) {
    assert.throws(() => nginxText([directive('a', text)]), TypeError)
    for (const dialect of [haproxyDialect, caddyDialect, apacheDialect])
      assert.throws(() => lineText(dialect, [line('a', text)]), TypeError)
    assert.throws(() => quoted(text), TypeError)
  }
})

test('YAML: words that some reader takes for something else are quoted, lists and empty values are what they are', () => {
  assert.equal(
    yamlText(['what'], [{ a: 'yes', b: [{ c: 1, d: [] }, 'x y'], e: {}, f: undefined, 'g:h': true }]),
    '# what\n\na: "yes"\nb:\n  - c: 1\n    d: []\n  - "x y"\ne: {}\n"g:h": true\n',
  )
})

test('XML: attributes and texts are escaped, and a comment holds no double dash', () => {
  assert.equal(
    xmlText(['a -- b'], element('p', { q: '<"&>' }, ['x < y']), 'bare'),
    '<!--\n  a - - b\n-->\n<p q="&lt;&quot;&amp;&gt;">x &lt; y</p>\n',
  )
})

test('Bicep: texts are in single quotes and never expressions, expressions are bare', () => {
  assert.equal(
    bicepText([], [{ head: 'var x', value: { a: "it's ${b}", c: expression('d'), 'e-f': [1] } }]),
    "\n\nvar x = {\n  a: 'it\\'s \\${b}'\n  c: d\n  'e-f': [\n    1\n  ]\n}\n",
  )
})

test('shell: sh reads back each word as it was, and expands what is a variable', () => {
  const word = fc.string({ unit: fc.constantFrom(...'ab $`"\'\\;&|<>(){}*?!#~=%'), minLength: 1 })
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const script = shellText([], [command('printf', '%s\\n', ...words, variable('X'))])
      const read = execFileSync('sh', ['-c', script], { encoding: 'utf8', env: { ...process.env, X: 'a b' } })
      assert.deepEqual(read.split('\n').slice(0, -1), [...words, 'a b'])
    }),
    { numRuns: 50 },
  )
})
