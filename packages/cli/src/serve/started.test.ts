import assert from 'node:assert/strict'
import { openSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CommandError } from '../command-error.ts'
import { started } from './serve.ts'

test('a file that keeps a server from starting is named, with the reason in words', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-started-'))
  t.after(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  for (const [path, expected] of [
    [join(folder, 'nowhere', 'holdfast.db'), 'its folder is not there'],
    [folder, 'it is a folder'],
  ] as const) {
    await assert.rejects(
      started(() => openSync(path, 'a'), 'holdfast.yaml'),
      (error: unknown) =>
        error instanceof CommandError &&
        error.message === `${path} cannot be opened: ${expected}` &&
        error.exitCode === 3,
    )
  }
})
