import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '../..')

test('every package, built, packed and installed outside the workspace, does its work there', () => {
  const built = spawnSync(
    'node_modules/.bin/tsc',
    ['-b', ...['cli', 'guard', 'client', 'proxy-config'].map((name) => `packages/${name}`)],
    { cwd: root, encoding: 'utf8' },
  )
  assert.equal(built.status, 0, built.stdout)
  const used = spawnSync(process.execPath, ['scripts/check-packages.ts'], { cwd: root, encoding: 'utf8' })
  assert.equal(used.status, 0, used.stderr)
})
