import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fapi1ByValueModules, fapi1Modules } from './fapi1-modules.ts'
import { named, runPlan } from './run-plan.ts'

const plan = 'fapi1-advanced-final-test-plan'
const parameters = { response_type: 'code id_token' }

for (const clientAuth of ['tls_client_auth', 'self_signed_tls_client_auth'] as const) {
  const pushed = { profile: 'fapi1-advanced', clientAuth, requests: 'signed_pushed', parameters } as const
  runPlan(plan, pushed, named('fapi1-advanced-final', fapi1Modules))
  const byValue = { profile: 'fapi1-advanced', clientAuth, requests: 'signed_by_value', parameters } as const
  runPlan(plan, byValue, named('fapi1-advanced-final', fapi1ByValueModules))
}

test(`${plan} has 49 modules with pushed requests and 36 by value`, () => {
  assert.equal(Object.keys(fapi1Modules).length, 49)
  assert.equal(Object.keys(fapi1ByValueModules).length, 36)
})
