import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@holdfast/testkit'

const program = join(import.meta.dirname, '../bin/holdfast.js')

test('compiled code is kept in a folder of this user alone', async (t) => {
  const caches = await temporaryDirectory(t)
  run(caches)
  const folder = join(caches, 'holdfast')
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  assert.deepEqual(readdirSync(folder), [process.version])
  assert.ok(readdirSync(join(folder, process.version), { recursive: true }).length > 10)
  run(caches)
})

test('compiled code is not kept when it is switched off, or where somebody else could write it', async (t) => {
  const off = await temporaryDirectory(t)
  run(off, { HOLDFAST_NO_COMPILE_CACHE: '1' })
  assert.ok(!existsSync(join(off, 'holdfast')))

  const shared = await temporaryDirectory(t)
  mkdirSync(join(shared, 'holdfast'))
  chmodSync(join(shared, 'holdfast'), 0o770)
  run(shared)
  assert.deepEqual(readdirSync(join(shared, 'holdfast')), [])

  const open = await temporaryDirectory(t)
  chmodSync(open, 0o1777)
  run(open)
  assert.deepEqual(readdirSync(join(open, 'holdfast')), [])

  const elsewhere = await temporaryDirectory(t)
  const linked = await temporaryDirectory(t)
  symlinkSync(elsewhere, join(linked, 'holdfast'))
  run(linked)
  assert.deepEqual(readdirSync(elsewhere), [])

  run('relative/path', { HOME: '' })
  assert.ok(!existsSync('relative'))
})

function run(caches: string, more: Readonly<Record<string, string>> = {}): void {
  const { HOLDFAST_NO_COMPILE_CACHE: _, NODE_COMPILE_CACHE: __, ...environment } = process.env
  const { status, stderr } = spawnSync(process.execPath, [program, '--version'], {
    encoding: 'utf8',
    env: { ...environment, ...more, XDG_CACHE_HOME: caches },
  })
  assert.equal(status, 0, stderr)
}
