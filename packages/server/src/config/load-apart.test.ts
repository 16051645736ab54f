import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { temporaryDirectory } from '@holdfast/testkit'
import { loadConfiguration, loadHere } from './load-configuration.ts'
import type { ConfigurationSource } from './load-configuration.ts'

test('a long file says what it says in a short one: every client, secrets and environment, dangers and advice', async (t) => {
  const source = await written(t, text([...named('acme'), ...dangerous, ...secret]), {
    environment: { HOLDFAST_TOKENS_AUDIENCE: 'https://api.example.com/' },
    flags: { 'tokens.access-token-lifetime': '5m' },
  })
  const long = loadConfiguration(source)
  const here = loadHere(source)
  assert.ok(long.ok && here.ok, JSON.stringify([long, here]))
  const { clients, registration: _, ...settings } = long.value
  const { clients: expected, registration: __, ...same } = here.value
  assert.deepEqual(settings, same)
  assert.equal(settings.tokens.audience, 'https://api.example.com/')
  assert.equal(settings.tokens.accessTokenLifetime, 300)
  assert.deepEqual(settings.dangers, ['clients[1].dangerously_ignore_certificate_dates'])
  assert.deepEqual([...clients], [...expected])
  assert.deepEqual(clients.summary(), expected.summary())
  assert.equal(clients.size, 3)
  const hash = clients.find('secret')?.authentication
  assert.ok(hash?.method === 'client_secret_basic' && !hash.secretHash.includes('correct horse'))
  assert.equal(clients.find('nobody'), undefined)
  // What was packed is parsed when it is asked for; what was read here is there already.
  assert.notEqual([...clients][0], [...clients][0])
  assert.equal([...expected][0], [...expected][0])
})

test('every problem of a long file is told with its line', async (t) => {
  const source = await written(
    t,
    text([
      ...named('acme'),
      ...named('acme'),
      '  - { client_id: x, token_endpoint_auth_method: tls_client_auth, trust: nobody, grant_types: [client_credentials] }',
    ]).replace('issuer: https://login.example.com', 'issuer: http://login.example.com'),
  )
  const long = loadConfiguration(source)
  const here = loadHere(source)
  assert.ok(!long.ok && !here.ok)
  assert.deepEqual(long.failure, here.failure)
  assert.ok(long.failure.problems.length >= 4, JSON.stringify(long.failure.problems))
  assert.ok(long.failure.problems.every(({ line }) => line !== undefined))
})

test('a long file that is no YAML, and a key in it that nobody knows, are told', async (t) => {
  const torn = loadConfiguration(await written(t, text([...named('acme'), '  - {'])))
  assert.ok(!torn.ok)
  assert.match(torn.failure.problems[0]?.problem ?? '', /^not valid YAML/)
  const unknown = loadConfiguration(await written(t, text([...named('acme'), 'toknes: {}'])))
  assert.ok(!unknown.ok)
  assert.deepEqual(
    unknown.failure.problems.map(({ path, hint }) => [path, hint]),
    [['toknes', 'did you mean tokens?']],
  )
})

function named(id: string): readonly string[] {
  return [
    `  - client_id: ${id}`,
    '    token_endpoint_auth_method: tls_client_auth',
    '    tls_client_auth_san_dns: acme.example',
    '    grant_types: [client_credentials]',
  ]
}

const dangerous = [
  '  - client_id: old',
  '    token_endpoint_auth_method: self_signed_tls_client_auth',
  `    certificate_thumbprints: [${'A'.repeat(43)}]`,
  '    dangerously_ignore_certificate_dates: true',
  '    grant_types: [client_credentials]',
]
const secret = [
  '  - client_id: secret',
  '    client_secret: correct horse battery staple',
  '    grant_types: [client_credentials]',
]

/** Longer than what a process reads by itself. */
function text(clients: readonly string[]): string {
  const padding = `# ${'long '.repeat(2000)}\n`.repeat(430)
  return `issuer: https://login.example.com
hosts:
  login.example.com: { role: main }
  mtls.login.example.com: { role: mtls }
listeners:
  - address: 127.0.0.1:443
    tls: { certificate: server.pem, key: server.key }
trust:
  partners: { anchors: [partners.pem] }
keys: { master-key-file: master.key }
${padding}clients:
${clients.join('\n')}
`
}

async function written(
  t: TestContext,
  content: string,
  more: Partial<ConfigurationSource> = {},
): Promise<ConfigurationSource> {
  assert.ok(content.length > 4 * 1024 * 1024)
  const file = join(await temporaryDirectory(t), 'holdfast.yaml')
  writeFileSync(file, content)
  return { file, ...more }
}
