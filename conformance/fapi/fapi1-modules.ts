import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { claimsOf } from '../../packages/server/conformance/test-server.ts'
import { verified } from './fapi-driver.ts'
import { requestObjectModules } from './message-signing-modules.ts'
import { checkMetadata, codeOf, type FapiModule, sharedModules } from './shared-modules.ts'

const {
  'happy flow': happyFlow,
  'long nonce': longNonce,
  'long state': longState,
  '64-char-nonce-success': mediumNonce,
  'attempt-reuse-authorization-code-after-one-second': reuse,
  'ensure-holder-of-key-required': holderOfKey,
  'ensure-different-state-inside-and-outside-request-object': _state,
  ...shared
} = sharedModules as Readonly<Record<string, FapiModule>> & Readonly<Record<'happy flow', FapiModule>>

/** The 49 modules of `fapi1-advanced-final-test-plan` with pushed requests, by their names without the prefix. */
export const fapi1Modules: Readonly<Record<string, FapiModule>> = {
  '': async (fapi) => {
    await happyFlow(fapi)
    const { answer, tokens } = await fapi.flow(fapi.first, { state: 'bound', nonce: 'bound' })
    const sent = 'C770AEF3-6784-41F7-8E0E-FF5F97BDDB3A'
    for (const interaction of [sent, undefined, 'no UUID\t']) {
      const headers: Readonly<Record<string, string>> =
        interaction === undefined ? {} : { 'x-fapi-interaction-id': interaction }
      const told = await fapi.userinfo(tokens['access_token'], fapi.first, { headers })
      const { 'x-fapi-interaction-id': returned } = told.headers
      if (interaction === sent) assert.equal(returned, sent)
      else assert.match(String(returned), /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/)
      assert.equal(typeof told.headers['date'], 'string')
    }
    const idToken = await verified(fapi.server, answer.get('id_token') ?? '')
    const half = (text: string): string =>
      createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
    assert.equal(idToken['c_hash'], half(codeOf(answer)))
    assert.equal(idToken['s_hash'], half('bound'))
    assert.equal(idToken['nonce'], 'bound')
    assert.equal(idToken['aud'], fapi.first.id)
    assert.equal(idToken['sub'], 'ada')
  },
  'discovery-end-point-verification': async (fapi) => {
    const metadata = await checkMetadata(fapi)
    assert.ok((metadata['response_types_supported'] as readonly string[]).includes('code id_token'))
    assert.equal(metadata['request_parameter_supported'], true)
    assert.equal(metadata['claims_parameter_supported'], true)
  },
  'ensure-response-mode-query': async (fapi) => {
    assert.equal(await fapi.refusal(fapi.first, { response_mode: 'query' }), 'invalid_request')
  },
  'ensure-registered-redirect-uri': async (fapi) => {
    const near = { redirect_uri: `${fapi.first.redirectUri}x` }
    assert.equal(await fapi.refusal(fapi.first, near), 'invalid_request')
  },
  'ensure-request-object-with-long-nonce': longNonce!,
  'ensure-request-object-with-64-char-nonce-success': mediumNonce!,
  'ensure-request-object-with-long-state': longState!,
  'ensure-request-object-without-scope-fails': async (fapi) => {
    assert.equal(await fapi.refusal(fapi.first, { scope: undefined }), 'invalid_request')
  },
  'ensure-request-object-without-nonce-fails': async (fapi) => {
    assert.equal(await fapi.refusal(fapi.first, { nonce: undefined }), 'invalid_request')
  },
  'ensure-authorization-request-without-request-object-fails': async (fapi) => {
    assert.equal(await fapi.errorOf(await fapi.open(fapi.parameters(fapi.first))), 'invalid_request')
    const pushed = await fapi.push(fapi.first, fapi.parameters(fapi.first))
    assert.equal(pushed.status, 400)
  },
  'ensure-redirect-uri-in-authorization-request': async (fapi) => {
    assert.equal(await fapi.refusal(fapi.first, { redirect_uri: undefined }), 'invalid_request')
  },
  'ensure-response-type-code-fails': async (fapi) => {
    assert.equal(await fapi.refusal(fapi.first, { response_type: 'code' }), 'unsupported_response_type')
  },
  'ensure-mtls-holder-of-key-required': holderOfKey!,
  'attempt-reuse-authorisation-code-after-one-second': reuse!,
  'par-attempt-invalid-redirect_uri': async (fapi) => {
    const invalid = { redirect_uri: 'https://attacker.test/callback' }
    assert.equal(await fapi.refusal(fapi.first, invalid), 'invalid_request')
  },
  'par-pushed-authorization-url-as-audience-in-request-object': async (fapi) => {
    const { pushed_authorization_request_endpoint: aud } = await fapi.metadata()
    assert.equal(await fapi.refusal(fapi.first, { aud }), 'invalid_request_object')
  },
  ...shared,
  ...Object.fromEntries(Object.entries(requestObjectModules)),
}

/** The 36 modules of the same plan where the browser brings the object: those about pushing fall away. */
export const fapi1ByValueModules: Readonly<Record<string, FapiModule>> = {
  ...withoutPushing(fapi1Modules),
  'ensure-valid-pkce-succeeds': async (fapi) => {
    const { tokens } = await fapi.flow(fapi.first)
    assert.equal(typeof claimsOf(tokens['access_token'])['cnf'], 'object')
  },
}

export function withoutPushing(modules: Readonly<Record<string, FapiModule>>): Readonly<Record<string, FapiModule>> {
  return Object.fromEntries(Object.entries(modules).filter(([name]) => !/^par-|pkce/.test(name)))
}
