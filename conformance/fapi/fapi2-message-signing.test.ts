import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fapi2AssertionModules } from './client-assertion-modules.ts'
import { dpopModules } from './dpop-modules.ts'
import { fapi2Modules } from './fapi2-modules.ts'
import { messageSigningModules } from './message-signing-modules.ts'
import { named, runPlan } from './run-plan.ts'

const plan = 'fapi2-message-signing-final-test-plan'

/** The lines of conformance/fapi2-message-signing.md that a module holds. */
const held = {
  'happy-flow': 'FAPI2-MESSAGE-SIGNING-M3',
  'discovery-end-point-verification': 'FAPI2-MESSAGE-SIGNING-M5',
  'ensure-unsigned-request-at-par-endpoint-fails': 'FAPI2-MESSAGE-SIGNING-M1',
  'ensure-request-object-without-exp-fails': 'FAPI2-MESSAGE-SIGNING-M2',
  'ensure-request-object-with-bad-aud-fails': 'FAPI2-MESSAGE-SIGNING-M2',
  'ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted': 'FAPI2-MESSAGE-SIGNING-M4',
  'ensure-request-object-signature-algorithm-is-not-none': 'FAPI2-MESSAGE-SIGNING-M5',
  'ensure-request-object-with-invalid-signature-fails': 'FAPI2-MESSAGE-SIGNING-M6',
}

for (const [clientAuth, senderConstrain, added] of [
  ['tls_client_auth', 'mtls', {}],
  ['self_signed_tls_client_auth', 'mtls', {}],
  ['private_key_jwt', 'mtls', fapi2AssertionModules],
  ['tls_client_auth', 'dpop', dpopModules],
  ['private_key_jwt', 'dpop', { ...fapi2AssertionModules, ...dpopModules }],
] as const) {
  const profileOf = 'server'
  const parameters = { response_type: 'code', response_mode: 'jwt' }
  const variant = {
    profile: 'fapi2-message-signing',
    clientAuth,
    senderConstrain,
    profileOf,
    requests: 'signed_pushed',
    parameters,
  } as const
  runPlan(plan, variant, [
    ...named('fapi2-security-profile-final', { ...fapi2Modules, ...added }, held),
    ...named('fapi2-message-signing-final', messageSigningModules, held),
  ])
}

test(`${plan} has 14 modules besides the 37`, () => {
  assert.equal(Object.keys(messageSigningModules).length, 14)
  for (const name of Object.keys(held)) assert.ok(name in fapi2Modules || name in messageSigningModules, name)
})
