import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fapi2Modules } from './fapi2-modules.ts'
import { messageSigningModules } from './message-signing-modules.ts'
import { named, runPlan } from './run-plan.ts'

const plan = 'fapi2-message-signing-final-test-plan'

for (const clientAuth of ['tls_client_auth', 'self_signed_tls_client_auth'] as const) {
  const parameters = { response_type: 'code', response_mode: 'jwt' }
  const variant = { profile: 'fapi2-message-signing', clientAuth, requests: 'signed_pushed', parameters } as const
  runPlan(plan, variant, [
    ...named('fapi2-security-profile-final', fapi2Modules),
    ...named('fapi2-message-signing-final', messageSigningModules),
  ])
}

test(`${plan} has 14 modules besides the 37`, () => {
  assert.equal(Object.keys(messageSigningModules).length, 14)
})
