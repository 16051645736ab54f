import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { temporaryDirectory } from '@holdfast/testkit'
import { loadConfiguration } from './load-configuration.ts'

const base = { 'as.test': { role: 'main' }, 'mtls.as.test': { role: 'mtls' } } as const

test('the host that asks people for certificates has a name of its own, and there is one', async (t) => {
  const asking = { role: 'login-certificate' }
  assert.deepEqual(await hostProblems(t, { ...base, 'card.as.test': asking }), [])
  assert.deepEqual(await hostProblems(t, { ...base, 'mtls.as.test:8443': asking }), ['mtls.as.test has the same name'])
  assert.deepEqual(await hostProblems(t, { ...base, 'card.as.test': asking, 'other.as.test': asking }), [
    'card.as.test is the host for this already',
  ])
})

async function hostProblems(t: TestContext, hosts: object): Promise<readonly string[]> {
  const file = join(await temporaryDirectory(t), 'holdfast.yaml')
  const tls = { certificate: 'server.pem', key: 'server.key' }
  const listeners = [{ address: '127.0.0.1:0', tls }]
  writeFileSync(file, JSON.stringify({ issuer: 'https://as.test', hosts, listeners }))
  const loaded = loadConfiguration({ file })
  if (loaded.ok) return []
  return loaded.failure.problems.filter(({ path }) => path.startsWith('hosts')).map(({ problem }) => problem)
}
