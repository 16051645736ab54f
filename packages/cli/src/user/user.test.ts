import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const bin = resolve(import.meta.dirname, '../../bin/holdfast.js')

test('a person is added, listed, given another password and removed; no password is ever shown that was typed', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-user-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const holdfast = (
    args: readonly string[],
    input: string = '',
  ): { readonly code: number | null; readonly out: string } => {
    const ran = spawnSync(process.execPath, [bin, ...args], { cwd: folder, input, encoding: 'utf8' })
    assert.ok(!(ran.stdout + ran.stderr).includes(secret))
    return { code: ran.status, out: ran.stdout }
  }
  const secret = 'correct horse battery staple'
  assert.equal(holdfast(['init']).code, 0)
  const added = holdfast(
    ['user', 'add', 'Ada', '--email', 'ada@example.com', '--subject', 'u1', '--json'],
    `${secret}\n`,
  )
  assert.deepEqual(JSON.parse(added.out), { subject: 'u1' })
  assert.equal(holdfast(['user', 'add', 'ADA'], secret).code, 1, 'somebody is called so')
  assert.deepEqual(JSON.parse(holdfast(['user', 'list', '--json']).out), [
    { subject: 'u1', username: 'Ada', ways: ['password'], disabled: false },
  ])
  assert.equal(holdfast(['user', 'passwd', 'ada@example.com'], `${secret}!`).code, 0)
  assert.equal(holdfast(['user', 'passwd', 'bob'], secret).code, 1)
  assert.equal(holdfast(['user', 'passwd', 'ada'], 'short').code, 2)
  assert.equal(holdfast(['user', 'remove', 'ada']).code, 0)
  assert.equal(holdfast(['user', 'remove', 'ada']).code, 1)
  assert.match(holdfast(['user', 'hash'], secret).out, /^\$argon2id\$v=19\$/)
})
