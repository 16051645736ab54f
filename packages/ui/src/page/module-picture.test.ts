import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modulePicture } from './module-picture.ts'

test('each dark module is painted, side by side in one stroke, on a white ground, and the picture has a name', () => {
  const rows = [
    [false, true, true],
    [true, false, true],
  ]
  const text = modulePicture('key', rows, 'a "key"').toString()
  assert.match(text, /d="M1 0h2v1h-2zM0 1h1v1h-1zM2 1h1v1h-1z"/)
  assert.match(text, /viewBox="0 0 3 2"/)
  assert.match(text, /role="img"\s+aria-label="a &quot;key&quot;"/)
  assert.match(text, /<rect width="3" height="2" fill="#fff"/)
})
