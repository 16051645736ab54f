import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RegistrationRules } from '@holdfast/core'
import { inMemoryClientRegistrationStore } from '@holdfast/testkit'
import { storedClients } from './stored-clients.ts'

test('a record that the configuration allows no more is nobody, and told once until it is another', async () => {
  const rules: RegistrationRules = {
    authenticationMethods: ['client_secret_basic'],
    grantTypes: ['client_credentials'],
    trust: [],
    unknownMembers: 'ignore',
    thumbprint: () => assert.fail('no certificates here'),
    server: {
      certificateHost: 'served',
      dpop: 'off',
      signingAlgorithms: ['ES256'],
      encryption: { answers: 'off', requestKey: 'off' },
    },
  }
  const store = inMemoryClientRegistrationStore()
  const metadata = {
    client_secret_hash: 'h',
    grant_types: ['client_credentials'],
    userinfo_signed_response_alg: 'PS256',
  }
  const stored = { clientId: 'a', version: 1, metadata, disabled: false, createdAt: 0 }
  await store.add(stored)
  const told: string[] = []
  const clients = storedClients({ find: () => undefined }, store, rules, (clientId, problems) =>
    told.push(`${clientId} ${problems.map(({ path }) => path).join()}`),
  )
  for (let asked = 0; asked < 3; asked++) assert.equal(await clients.find('a'), undefined)
  assert.deepEqual(told, ['a userinfo_signed_response_alg'])
  const mended = { ...metadata, userinfo_signed_response_alg: 'ES256' }
  await store.replace({ ...stored, version: 2, metadata: mended }, 1)
  assert.equal((await clients.find('a'))?.clientId, 'a')
  assert.equal(told.length, 1)
})
