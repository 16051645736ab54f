import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fapi2Modules } from './fapi2-modules.ts'
import { named, runPlan } from './run-plan.ts'

const plan = 'fapi2-security-profile-final-test-plan'

for (const clientAuth of ['tls_client_auth', 'self_signed_tls_client_auth'] as const) {
  const variant = { profile: 'fapi2', clientAuth, requests: 'pushed', parameters: { response_type: 'code' } } as const
  runPlan(plan, variant, named('fapi2-security-profile-final', fapi2Modules))
}

test(`${plan} has 37 modules`, () => {
  assert.equal(Object.keys(fapi2Modules).length, 37)
})
