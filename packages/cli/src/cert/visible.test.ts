import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visible } from './visible.ts'

test('escape sequences, line breaks and turned directions become visible, all else stays', () => {
  assert.deepEqual(
    visible({ subject: 'CN=\u001b[31mred\u202e', list: ['a\nb', 'Größe ✓ 𝄞'], count: 1, none: undefined, empty: null }),
    { subject: 'CN=\\u{1b}[31mred\\u{202e}', list: ['a\\u{a}b', 'Größe ✓ 𝄞'], count: 1, none: undefined, empty: null },
  )
})
