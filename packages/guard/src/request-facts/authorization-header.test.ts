import assert from 'node:assert/strict'
import { test } from 'node:test'

import { authorizationHeader } from './authorization-header.ts'

const cases: readonly [string, string[], string | string[] | undefined][] = [
  ['none', ['Host', 'a', 'X-Authorization', 'Bearer x'], undefined],
  ['one, in any case', ['Host', 'a', 'AUTHORIZATION', 'Bearer x'], 'Bearer x'],
  [
    'two lines, as HTTP/2 and HTTP/1.1 hand them over',
    ['authorization', 'Bearer x', 'Authorization', 'Bearer y'],
    ['Bearer x', 'Bearer y'],
  ],
  ['three', ['authorization', 'a', 'authorization', 'b', 'authorization', 'c'], ['a', 'b', 'c']],
  ['the word as a value', ['X-Name', 'authorization'], undefined],
  ['names that are also members of objects', ['__proto__', 'x', 'constructor', 'y'], undefined],
]
for (const [what, rawHeaders, expected] of cases) {
  test(`Authorization lines: ${what}`, () => assert.deepEqual(authorizationHeader(rawHeaders), expected))
}
