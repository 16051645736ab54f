import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { temporaryDirectory } from '@holdfast/testkit'
import type { Configuration } from './configuration.ts'
import { formatProblem } from './configuration-problem.ts'
import type { ConfigurationProblem } from './configuration-problem.ts'
import { loadConfiguration } from './load-configuration.ts'
import type { ConfigurationSource } from './load-configuration.ts'

/** The least that a server needs, for the tests of reading a configuration. */
export const minimal = `
issuer: https://login.example.com
hosts:
  login.example.com: { role: main }
  mtls.login.example.com: { role: mtls }
listeners:
  - address: 0.0.0.0:443
    tls: { certificate: ./tls/server.pem, key: ./tls/server.key }
trust:
  partners: { anchors: [./ca/partners.pem] }
keys: { master-key-file: master.key }
clients:
  - client_id: acme
    token_endpoint_auth_method: tls_client_auth
    tls_client_auth_san_dns: acme.example
    trust: partners
    tls_client_certificate_bound_access_tokens: true
    grant_types: [client_credentials]
    scope: orders:read
`

async function load(
  t: TestContext,
  text: string,
  more: Partial<ConfigurationSource>,
): Promise<ReturnType<typeof loadConfiguration> & { readonly directory: string }> {
  const directory = await temporaryDirectory(t)
  const file = join(directory, 'holdfast.yaml')
  writeFileSync(file, text)
  return { ...loadConfiguration({ file, ...more }), directory }
}

export async function accepted(
  t: TestContext,
  text: string,
  more: Partial<ConfigurationSource> = {},
): Promise<{ readonly configuration: Configuration; readonly directory: string }> {
  const result = await load(t, text, more)
  assert.ok(
    result.ok,
    result.ok ? '' : result.failure.problems.map((problem) => formatProblem(problem, 'file')).join('\n'),
  )
  return { configuration: result.value, directory: result.directory }
}

export async function refused(
  t: TestContext,
  text: string,
  more: Partial<ConfigurationSource> = {},
): Promise<readonly ConfigurationProblem[]> {
  const result = await load(t, text, more)
  assert.ok(!result.ok)
  return result.failure.problems
}

test('a small file is enough, and paths start at its directory', async (t) => {
  const { configuration, directory } = await accepted(t, minimal)
  assert.equal(configuration.issuer, 'https://login.example.com')
  assert.deepEqual(configuration.listeners[0]?.address, { kind: 'tcp', host: '0.0.0.0', port: 443 })
  assert.deepEqual(configuration.listeners[0]?.hosts, ['login.example.com', 'mtls.login.example.com'])
  assert.equal(configuration.listeners[0]?.tls?.key, join(directory, 'tls/server.key'))
  assert.deepEqual(configuration.trust.get('partners')?.anchors, [join(directory, 'ca/partners.pem')])
  assert.equal(sqlitePath(configuration), join(directory, 'holdfast.db'))
  assert.equal(configuration.keys.masterKeyFile, join(directory, 'master.key'))
  assert.equal(configuration.keys.rotateEvery, 90 * 86_400)
  assert.equal([...configuration.clients][0]?.clientId, 'acme')
  assert.equal(configuration.clients.find('acme')?.binding, 'required')
  assert.equal(configuration.tokens.audience, 'https://login.example.com')
})

export function sqlitePath({ store }: Configuration): string {
  assert.ok(store.kind === 'sqlite')
  return store.path
}
