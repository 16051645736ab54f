import assert from 'node:assert/strict'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@holdfast/testkit'
import { CommandError } from '../command-error.ts'
import { makeFolder } from './make-folder.ts'

test('a folder is made with what is missing above it, and one that is there is left as it is', async (t) => {
  const folder = join(await temporaryDirectory(t), 'a/b/c')
  makeFolder(folder, 0o700)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  makeFolder(folder)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
})

test('a file in the way is named', async (t) => {
  const file = join(await temporaryDirectory(t), 'file')
  writeFileSync(file, '')
  for (const path of [file, join(file, 'below')]) {
    assert.throws(
      () => makeFolder(path),
      (error) => error instanceof CommandError && error.message === `${file} is there, and is no folder`,
    )
  }
})

test(
  'a folder that takes no entries is an answer, not an endless wait',
  { skip: existsSync('/proc/self') ? false : 'there is no /proc here' },
  () => {
    assert.throws(
      () => makeFolder('/proc/holdfast-is-not-here/below'),
      (error) => error instanceof CommandError && /^the folder \/proc\/holdfast-is-not-here cannot/.test(error.message),
    )
  },
)
