import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fapi2AssertionModules } from './client-assertion-modules.ts'
import { dpopModules } from './dpop-modules.ts'
import { fapi2Modules } from './fapi2-modules.ts'
import { named, runPlan } from './run-plan.ts'

const plan = 'fapi2-security-profile-final-test-plan'

/** The lines of conformance/fapi2.md and conformance/rfc9700.md that a module holds. */
const held = {
  'discovery-end-point-verification': 'FAPI2-G1 FAPI2-G4 FAPI2-C1 RFC9700-R10',
  'happy-flow': 'FAPI2-G3 FAPI2-F5 FAPI2-F7 FAPI2-S2 FAPI2-S3 RFC9700-R5 RFC9700-R7 RFC9700-R12',
  'plain-fapi-tolerate-unregistered-redirect-uri': 'FAPI2-G5',
  'refresh-token': 'FAPI2-G7',
  'ensure-token-endpoint-fails-with-expired-auth-code': 'FAPI2-G8',
  'ensure-response-type-code-idtoken-fails': 'FAPI2-F1',
  'ensure-response-type-token-fails': 'FAPI2-F1 RFC9700-R6',
  'ensure-unsigned-authorization-request-without-using-par-fails': 'FAPI2-F2',
  'par-ensure-pkce-required': 'FAPI2-F3',
  'ensure-redirect-uri-in-authorization-request': 'FAPI2-F4',
  'attempt-reuse-authorization-code-after-one-second': 'FAPI2-F6 RFC9700-R4',
  'par-attempt-reuse-request_uri': 'FAPI2-F8',
  'ensure-authorization-request-with-64-char-nonce-success': 'FAPI2-F9',
  'ensure-holder-of-key-required': 'FAPI2-T1 FAPI2-T2 FAPI2-G3',
  'par-test-array-as-audience-fails': 'FAPI2-G6',
  'ensure-dpopproof-at-par-endpoint-binding-success': 'FAPI2-G9',
  'par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails': 'FAPI2-G10',
}

/** What the metadata say is about the whole server. */
const { 'discovery-end-point-verification': _, ...ofClients } = fapi2Modules

for (const [clientAuth, senderConstrain, profileOf, modules] of [
  ['tls_client_auth', 'mtls', 'server', fapi2Modules],
  ['self_signed_tls_client_auth', 'mtls', 'server', fapi2Modules],
  ['tls_client_auth', 'mtls', 'clients', ofClients],
  ['private_key_jwt', 'mtls', 'server', { ...fapi2Modules, ...fapi2AssertionModules }],
  ['tls_client_auth', 'dpop', 'server', { ...fapi2Modules, ...dpopModules }],
  ['private_key_jwt', 'dpop', 'server', { ...fapi2Modules, ...fapi2AssertionModules, ...dpopModules }],
] as const) {
  const variant = {
    profile: 'fapi2',
    clientAuth,
    senderConstrain,
    profileOf,
    requests: 'pushed',
    parameters: { response_type: 'code' },
  } as const
  runPlan(plan, variant, named('fapi2-security-profile-final', modules, held))
}

test(`${plan} has 37 modules, 10 for private_key_jwt, 9 for DPoP`, () => {
  assert.equal(Object.keys(fapi2Modules).length, 37)
  assert.equal(Object.keys(fapi2AssertionModules).length, 10)
  assert.equal(Object.keys(dpopModules).length, 9)
  const all = { ...fapi2Modules, ...fapi2AssertionModules, ...dpopModules }
  for (const name of Object.keys(held)) assert.ok(name in all, name)
})
