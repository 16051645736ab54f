import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTestAuthority, type TestCertificate } from '@holdfast/testkit'
import { startTestServer, type TestSettings } from './test-server.ts'

const clients = ['one', 'two'].map((name) => ({
  client_id: name,
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: `${name}.example`,
  trust: 'partners',
  tls_client_certificate_bound_access_tokens: true,
  grant_types: ['client_credentials'],
}))
const settings: TestSettings = { clients, more: { trust: { partners: { anchors: ['partners.pem'] } } } }

test('a leaf alone is good once its intermediate was seen in a good chain: through a reload, until the trust changes', async (t) => {
  const at = await startTestServer(t, settings)
  const [one, two] = ['one', 'two'].map((name) => at.authority.issue({ san: { dns: [`${name}.example`] } })) as [
    TestCertificate,
    TestCertificate,
  ]
  const status = async (clientId: string, { chainPem, keyPem }: Pick<TestCertificate, 'chainPem' | 'keyPem'>) => {
    const form = { grant_type: 'client_credentials', client_id: clientId }
    return (await at.post('/token', form, { certificate: { chainPem, keyPem } })).status
  }
  const alone = { chainPem: two.pem, keyPem: two.keyPem }
  assert.equal(await status('two', alone), 401)

  const stranger = createTestAuthority().issue({ san: { dns: ['one.example'] } })
  assert.equal(await status('one', stranger), 401)
  assert.equal(await status('two', alone), 401, 'a refused chain teaches nothing')

  assert.equal(await status('one', one), 200)
  assert.equal(await status('two', alone), 200)
  assert.equal((await at.server.reload()).ok, true)
  assert.equal(await status('two', alone), 200, 'the trust is the same as before')

  writeFileSync(join(at.directory, 'partners.pem'), at.authority.rootPem + createTestAuthority({ name: 'New' }).rootPem)
  assert.equal((await at.server.reload()).ok, true)
  assert.equal(await status('two', alone), 401, 'another trust has learned nothing yet')
  assert.equal(await status('one', one), 200)
  assert.equal(await status('two', alone), 200)

  writeFileSync(join(at.directory, 'partners.pem'), createTestAuthority({ name: 'New' }).rootPem)
  assert.equal((await at.server.reload()).ok, true)
  assert.deepEqual([await status('one', one), await status('two', alone)], [401, 401])
})
