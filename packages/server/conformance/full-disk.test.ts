import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { startPostgres } from '@holdfast/testkit'
import { startTestServer } from './test-server.ts'
import type { TestAnswer } from './test-server.ts'

const opaque = {
  client_id: 'opaque',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  grant_types: ['client_credentials'],
  access_token_format: 'opaque',
}

test('PostgreSQL on a full disk: what cannot be kept is refused, what was answered is there, and all goes on with room', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === undefined) return t.skip('postgresql is not installed (Debian: apt-get install postgresql)')
  const disk = smallDisk(t, statSync(postgres.address.host), () => postgres.kill())
  if (disk === undefined) return t.skip('mounting a small disk takes root')
  postgres.run(`create tablespace small location '${disk}'`)
  postgres.run('alter role holdfast set default_tablespace = small')
  const at = await startTestServer(t, { clients: [opaque], more: { store: { url: postgres.url } } })
  const certificate = at.authority.issue({ san: { dns: ['acme.example'] } })
  const form = { grant_type: 'client_credentials', client_id: 'opaque' }
  const ask = (): Promise<TestAnswer> => at.post('/token', form, { certificate })
  const kept = (): number => Number(postgres.run('select count(*) from access_token'))
  const tokens: string[] = []
  const askMany = async (count: number): Promise<number> => {
    const answers = await Promise.all(Array.from({ length: count }, ask))
    for (const { status, json, headers } of answers) {
      if (status === 200) tokens.push(String(json['access_token']))
      else assert.deepEqual([status, json['error']], [503, 'temporarily_unavailable'])
      if (status !== 200) assert.match(String(headers['retry-after']), /^[0-9]+$/)
    }
    return answers.filter(({ status }) => status !== 200).length
  }
  assert.equal(await askMany(10), 0)

  fill(join(disk, 'filler'))
  let refused = 0
  for (let round = 0; refused === 0 && round < 100; round++) refused = await askMany(40)
  assert.ok(refused > 0, 'the disk was never full')
  assert.equal(kept(), tokens.length)
  assert.ok((await askMany(5)) > 0)

  rmSync(join(disk, 'filler'))
  assert.equal(await askMany(20), 0)
  assert.equal(kept(), tokens.length)
  for (const token of [...tokens.slice(0, 20), ...tokens.slice(-30)]) {
    const answer = await at.post('/introspect', { client_id: 'opaque', token }, { certificate })
    assert.equal(answer.json['active'], true)
  }
})

/** A file system of a few megabytes that belongs to a user; `undefined` where none may be mounted. */
function smallDisk(
  t: TestContext,
  owner: { readonly uid: number; readonly gid: number },
  letGo: () => Promise<void>,
): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-disk-'))
  try {
    const options = `size=4m,uid=${owner.uid},gid=${owner.gid},mode=700`
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' })
  } catch (cause) {
    rmdirSync(folder)
    if (process.env['HOLDFAST_TEST_SETUP'] === '1' && process.getuid?.() === 0) {
      throw new Error('a small disk cannot be mounted, although this is root', { cause })
    }
    return undefined
  }
  t.after(async () => {
    await letGo()
    execFileSync('umount', [folder])
    rmdirSync(folder)
  })
  return folder
}

/** Takes all the room that is left. */
function fill(path: string): void {
  const part = Buffer.alloc(4096)
  try {
    for (;;) writeFileSync(path, part, { flag: 'a' })
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
  }
}
