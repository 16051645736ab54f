import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fapi1AssertionModules } from './client-assertion-modules.ts'
import { fapi1ByValueModules, fapi1Modules, withoutPushing } from './fapi1-modules.ts'
import { named, runPlan } from './run-plan.ts'

const plan = 'fapi1-advanced-final-test-plan'
const parameters = { response_type: 'code id_token' }

/** The lines of conformance/fapi1-advanced.md that a module holds. */
const held = {
  '': 'FAPI1-ADVANCED-M2 FAPI1-ADVANCED-M3 FAPI1-ADVANCED-M7 FAPI1-ADVANCED-M11',
  'ensure-authorization-request-without-request-object-fails': 'FAPI1-ADVANCED-M1',
  'state-only-outside-request-object-not-used': 'FAPI1-ADVANCED-M1',
  'ensure-response-type-code-fails': 'FAPI1-ADVANCED-M2',
  'ensure-mtls-holder-of-key-required': 'FAPI1-ADVANCED-M3 FAPI1-ADVANCED-M8',
  'ensure-request-object-without-exp-fails': 'FAPI1-ADVANCED-M4',
  'ensure-request-object-without-nbf-fails': 'FAPI1-ADVANCED-M4',
  'ensure-request-object-with-bad-aud-fails': 'FAPI1-ADVANCED-M4',
  'discovery-end-point-verification': 'FAPI1-ADVANCED-M5 FAPI1-ADVANCED-M9',
  'par-ensure-pkce-required': 'FAPI1-ADVANCED-M6',
  'ensure-signed-request-object-with-RS256-fails': 'FAPI1-ADVANCED-M9',
}

for (const clientAuth of ['tls_client_auth', 'self_signed_tls_client_auth', 'private_key_jwt'] as const) {
  const variant = {
    profile: 'fapi1-advanced',
    clientAuth,
    senderConstrain: 'mtls',
    profileOf: 'server',
    parameters,
  } as const
  const added = clientAuth === 'private_key_jwt' ? fapi1AssertionModules : {}
  const pushed = { ...fapi1Modules, ...added }
  const byValue = { ...fapi1ByValueModules, ...withoutPushing(added) }
  runPlan(plan, { ...variant, requests: 'signed_pushed' }, named('fapi1-advanced-final', pushed, held))
  runPlan(plan, { ...variant, requests: 'signed_by_value' }, named('fapi1-advanced-final', byValue, held))
}

// Open Finance Brasil: the same by PS256, which nobody else may change.
for (const clientAuth of ['tls_client_auth', 'private_key_jwt'] as const) {
  const requests = 'signed_pushed'
  const variant = {
    profile: 'brazil',
    clientAuth,
    senderConstrain: 'mtls',
    profileOf: 'server',
    requests,
    parameters,
  } as const
  const added = clientAuth === 'private_key_jwt' ? fapi1AssertionModules : {}
  runPlan(`${plan}, brazil`, variant, named('fapi1-advanced-final', { ...fapi1Modules, ...added }))
}

test(`${plan} has 49 modules with pushed requests and 36 by value, for private_key_jwt 14 and 9 more`, () => {
  assert.equal(Object.keys(fapi1Modules).length, 49)
  assert.equal(Object.keys(fapi1ByValueModules).length, 36)
  assert.equal(Object.keys(fapi1AssertionModules).length, 14)
  assert.equal(Object.keys(withoutPushing(fapi1AssertionModules)).length, 9)
  for (const name of Object.keys(held)) assert.ok(name in fapi1Modules, name)
})
