import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fapi1ByValueModules, fapi1Modules } from './fapi1-modules.ts'
import { named, runPlan } from './run-plan.ts'

const plan = 'fapi1-advanced-final-test-plan'
const parameters = { response_type: 'code id_token' }

/** The lines of conformance/fapi1-advanced.md that a module holds. */
const held = {
  '': 'FAPI1-ADVANCED-M2 FAPI1-ADVANCED-M3 FAPI1-ADVANCED-M7',
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

for (const clientAuth of ['tls_client_auth', 'self_signed_tls_client_auth'] as const) {
  const profileOf = 'server'
  const pushed = { profile: 'fapi1-advanced', clientAuth, profileOf, requests: 'signed_pushed', parameters } as const
  runPlan(plan, pushed, named('fapi1-advanced-final', fapi1Modules, held))
  const byValue = { profile: 'fapi1-advanced', clientAuth, profileOf, requests: 'signed_by_value', parameters } as const
  runPlan(plan, byValue, named('fapi1-advanced-final', fapi1ByValueModules, held))
}

test(`${plan} has 49 modules with pushed requests and 36 by value`, () => {
  assert.equal(Object.keys(fapi1Modules).length, 49)
  assert.equal(Object.keys(fapi1ByValueModules).length, 36)
  for (const name of Object.keys(held)) assert.ok(name in fapi1Modules, name)
})
