import assert from 'node:assert/strict'
import { test } from 'node:test'
import { themeProblems, themeSheet } from './theme.ts'

test('a theme becomes variables, for light and for dark', () => {
  const theme = { accent: '#aa0000', 'accent-dark': '#ffaaaa' }
  assert.deepEqual(themeProblems(theme), [])
  assert.equal(
    themeSheet(theme),
    ':root { --holdfast-accent: #aa0000; }\n@media (prefers-color-scheme: dark) { :root { --holdfast-accent: #ffaaaa; } }',
  )
})

test('a value that would end its declaration or fetch something, and a variable that is none, are named', () => {
  for (const value of ['red; background: blue', 'url(https://evil.example)', '} body {', '</style>'])
    assert.equal(themeProblems({ accent: value }).length, 1, value)
  assert.equal(themeProblems({ colour: 'red' }).length, 1)
})
