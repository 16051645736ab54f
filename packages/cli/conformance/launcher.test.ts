import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { runHoldfast } from './holdfast-process.ts'

const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path) && majorOf(path) < 24)

test(
  'an older Node is told so in one line, and exit 2',
  { skip: oldNode === undefined && 'no older Node here' },
  () => {
    const bin = resolve(import.meta.dirname, '../bin/holdfast.js')
    const ended = spawnSync(oldNode!, [bin, 'demo', '--once'], { encoding: 'utf8' })
    assert.equal(ended.status, 2)
    assert.equal(ended.stdout, '')
    assert.match(ended.stderr, /^holdfast: needs Node 24 or later, this is \d+\.\d+\.\d+\nhint: .+\n$/)
  },
)

test('the program says its version, on standard output, and nothing else', async (t) => {
  const ended = await runHoldfast(t, ['--version'])
  assert.match(ended.stdout, /^\d+\.\d+\.\d+\n$/)
  assert.deepEqual([ended.exitCode, ended.stderr], [0, ''])
})

test('wrong use is told on standard error, without a stack trace, and exit 2', async (t) => {
  const ended = await runHoldfast(t, ['chekc'])
  assert.equal(ended.exitCode, 2)
  assert.equal(ended.stdout, '')
  assert.equal(ended.stderr, "holdfast: unknown command 'chekc'\nhint: did you mean check?\n")
})

function majorOf(path: string): number {
  return Number(/^v(\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout)?.[1] ?? Infinity)
}
