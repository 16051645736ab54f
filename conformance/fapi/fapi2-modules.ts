import assert from 'node:assert/strict'
import { checkMetadata, type FapiModule, sharedModules } from './shared-modules.ts'

const {
  'happy flow': happyFlow,
  'long nonce': longNonce,
  'long state': longState,
  '64-char-nonce-success': mediumNonce,
  ...shared
} = sharedModules as Required<typeof sharedModules>

/** The 37 modules of `fapi2-security-profile-final-test-plan` for certificates, by their names without the prefix. */
export const fapi2Modules: Readonly<Record<string, FapiModule>> = {
  'discovery-end-point-verification': async (fapi) => {
    const metadata = await checkMetadata(fapi)
    assert.deepEqual(metadata['response_types_supported'], ['code'])
    assert.equal(metadata['require_pushed_authorization_requests'], true)
  },
  'happy-flow': happyFlow!,
  'ensure-authorization-request-without-nonce-success': async (fapi) => {
    const { tokens } = await fapi.flow(fapi.first, { nonce: undefined })
    assert.equal(typeof tokens['id_token'], 'string')
  },
  'ensure-authorization-request-with-64-char-nonce-success': mediumNonce!,
  'ensure-authorization-request-with-long-nonce': longNonce!,
  'ensure-authorization-request-with-long-state': longState!,
  'test-claims-parameter-identity-claims': async (fapi) => {
    const claims = JSON.stringify({ userinfo: { name: { essential: true } }, id_token: { name: null } })
    const { tokens } = await fapi.flow(fapi.first, { claims })
    const told = await fapi.userinfo(tokens['access_token'], fapi.first)
    assert.equal(told.json['name'], 'Ada')
  },
  'ensure-redirect-uri-in-authorization-request': async (fapi) => {
    assert.equal(await fapi.refusal(fapi.first, { redirect_uri: undefined }), 'invalid_request')
  },
  'plain-fapi-tolerate-unregistered-redirect-uri': async (fapi) => {
    const unregistered = { redirect_uri: `${fapi.first.redirectUri}&unregistered=true` }
    assert.equal(await fapi.refusal(fapi.first, unregistered), 'invalid_request')
  },
  'ensure-unsigned-authorization-request-without-using-par-fails': async (fapi) => {
    assert.equal(await fapi.errorOf(await fapi.open(fapi.parameters(fapi.first))), 'invalid_request')
  },
  'ensure-response-type-code-idtoken-fails': async (fapi) => {
    assert.equal(await fapi.refusal(fapi.first, { response_type: 'code id_token' }), 'unsupported_response_type')
  },
  'ensure-response-type-token-fails': async (fapi) => {
    assert.equal(await fapi.refusal(fapi.first, { response_type: 'token' }), 'unsupported_response_type')
  },
  'ensure-token-endpoint-fails-with-expired-auth-code': async (fapi) => {
    const code = await fapi.code(fapi.first)
    fapi.advance(61)
    const refused = await fapi.redeem(fapi.first, code)
    assert.equal(refused.status, 400)
    assert.equal(refused.json['error'], 'invalid_grant')
  },
  ...shared,
}
