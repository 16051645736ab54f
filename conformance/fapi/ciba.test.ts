import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCiba } from './ciba-driver.ts'
import { cibaAssertionModules, cibaCertificateModules, cibaModules, cibaPingModules } from './ciba-modules.ts'
import { named, runModules } from './run-plan.ts'

const plan = 'fapi-ciba-id1-test-plan'

/** The lines of conformance/fapi-ciba.md that a module holds. */
const held = {
  '': 'FAPI-CIBA-M4',
  'ensure-unsigned-backchannel-authorization-request-fails': 'FAPI-CIBA-M1',
  'ensure-request-object-missing-jti-fails': 'FAPI-CIBA-M1',
  'ensure-request-object-signature-algorithm-is-RS256-fails': 'FAPI-CIBA-M2',
  'discovery-end-point-verification': 'FAPI-CIBA-M3',
  'ensure-wrong-client-id-in-backchannel-authorization-request': 'FAPI-CIBA-M5',
  'ping-backchannel-notification-endpoint-return-redirect-request': 'FAPI-CIBA-M6',
  'multiple-call-to-token-endpoint': 'FAPI-CIBA-M7',
}

for (const [clientAuth, delivery, added] of [
  ['tls_client_auth', 'poll', cibaCertificateModules],
  ['tls_client_auth', 'ping', { ...cibaCertificateModules, ...cibaPingModules }],
  ['private_key_jwt', 'poll', cibaAssertionModules],
  ['private_key_jwt', 'ping', { ...cibaAssertionModules, ...cibaPingModules }],
] as const) {
  runModules(
    `${plan}, ${clientAuth}, ${delivery}`,
    (t) => startCiba(t, clientAuth, delivery),
    named('fapi-ciba-id1', { ...cibaModules, ...added }, held),
  )
}

test(`${plan} has 30 modules, 3 for certificates, 5 for private_key_jwt, 5 for ping`, () => {
  assert.equal(Object.keys(cibaModules).length, 30)
  assert.equal(Object.keys(cibaCertificateModules).length, 3)
  assert.equal(Object.keys(cibaAssertionModules).length, 5)
  assert.equal(Object.keys(cibaPingModules).length, 5)
})
