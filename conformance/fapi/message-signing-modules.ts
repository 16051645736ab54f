import assert from 'node:assert/strict'
import { signingKey } from './fapi-client.ts'
import { codeOf, type FapiModule } from './shared-modules.ts'

/** What FAPI 2.0 Message Signing and FAPI 1.0 Advanced test alike about request objects, by the part of the name that they share. */
export const requestObjectModules: Readonly<Record<string, FapiModule>> = {
  'ensure-request-object-with-multiple-aud-succeeds': async (fapi) => {
    await fapi.flow(fapi.first, { aud: ['https://other.test', 'https://as.test'] })
  },
  'ensure-request-object-without-exp-fails': refused({ exp: undefined }),
  'ensure-request-object-without-nbf-fails': refused({ nbf: undefined }),
  'ensure-expired-request-object-fails': (fapi) =>
    refused({ nbf: fapi.now() - 900, iat: fapi.now() - 900, exp: fapi.now() - 300 })(fapi),
  'ensure-request-object-with-bad-aud-fails': refused({ aud: 'https://other.test' }),
  'ensure-request-object-with-exp-over-60-fails': (fapi) => refused({ exp: fapi.now() + 70 * 60 })(fapi),
  'ensure-request-object-with-nbf-over-60-fails': (fapi) =>
    refused({ nbf: fapi.now() - 70 * 60, iat: fapi.now() - 70 * 60, exp: fapi.now() + 60 })(fapi),
  'ensure-signed-request-object-with-RS256-fails': async (fapi) => {
    const { rsaKey: key, rsaKid: kid } = fapi.first
    assert.equal(await fapi.refusal(fapi.first, {}, { key, header: { alg: 'RS256', kid } }), 'invalid_request_object')
    codeOf(
      await fapi.answer(await fapi.through(await fapi.begin(fapi.first, {}, { key, header: { alg: 'PS256', kid } }))),
    )
  },
  'ensure-request-object-signature-algorithm-is-not-none': async (fapi) => {
    assert.equal(await fapi.refusal(fapi.first, {}, { header: { alg: 'none' } }), 'invalid_request_object')
  },
  'ensure-request-object-with-invalid-signature-fails': async (fapi) => {
    const key = signingKey(fapi.first.alg)
    assert.equal(await fapi.refusal(fapi.first, {}, { key }), 'invalid_request_object')
  },
  'ensure-matching-key-in-authorization-request': async (fapi) => {
    const { key, kid } = fapi.second
    assert.equal(await fapi.refusal(fapi.first, {}, { key, header: { kid } }), 'invalid_request_object')
    assert.equal(await fapi.refusal(fapi.first, {}, { key }), 'invalid_request_object')
  },
  'par-authorization-request-containing-request_uri': async (fapi) => {
    const inside = { request_uri: 'urn:ietf:params:oauth:request_uri:inside' }
    assert.equal(await fapi.refusal(fapi.first, inside), 'invalid_request_object')
  },
}

/** The 14 modules that `fapi2-message-signing-final-test-plan` adds for signed requests and JARM. */
export const messageSigningModules: Readonly<Record<string, FapiModule>> = {
  ...requestObjectModules,
  'ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted': async (fapi) => {
    const page = await fapi.begin(fapi.first, { nbf: fapi.now() + 8, iat: fapi.now() + 8 })
    codeOf(await fapi.answer(await fapi.through(page)))
  },
  'ensure-unsigned-request-at-par-endpoint-fails': async (fapi) => {
    const answer = await fapi.push(fapi.first, fapi.parameters(fapi.first))
    assert.equal(answer.status, 400)
    assert.equal(answer.json['error'], 'invalid_request')
  },
}

function refused(changes: Readonly<Record<string, unknown>>): FapiModule {
  return async (fapi) => {
    assert.equal(await fapi.refusal(fapi.first, changes), 'invalid_request_object')
  }
}
