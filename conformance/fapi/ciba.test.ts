import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCiba } from './ciba-driver.ts'
import { cibaAssertionModules, cibaCertificateModules, cibaModules, cibaPingModules } from './ciba-modules.ts'
import { named, runModules } from './run-plan.ts'

const plan = 'fapi-ciba-id1-test-plan'

for (const [clientAuth, delivery, added] of [
  ['tls_client_auth', 'poll', cibaCertificateModules],
  ['tls_client_auth', 'ping', { ...cibaCertificateModules, ...cibaPingModules }],
  ['private_key_jwt', 'poll', cibaAssertionModules],
  ['private_key_jwt', 'ping', { ...cibaAssertionModules, ...cibaPingModules }],
] as const) {
  runModules(
    `${plan}, ${clientAuth}, ${delivery}`,
    (t) => startCiba(t, clientAuth, delivery),
    named('fapi-ciba-id1', { ...cibaModules, ...added }),
  )
}

test(`${plan} has 30 modules, 3 for certificates, 5 for private_key_jwt, 5 for ping`, () => {
  assert.equal(Object.keys(cibaModules).length, 30)
  assert.equal(Object.keys(cibaCertificateModules).length, 3)
  assert.equal(Object.keys(cibaAssertionModules).length, 5)
  assert.equal(Object.keys(cibaPingModules).length, 5)
})
