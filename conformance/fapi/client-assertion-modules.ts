import assert from 'node:assert/strict'
import type { Changes, ShownBy } from './fapi-client.ts'
import type { FapiDriver } from './fapi-driver.ts'
import type { FapiModule } from './shared-modules.ts'

/** What FAPI 1.0 Advanced and FAPI 2.0 test alike about `private_key_jwt`, by the part of the name that they share. */
const ofBoth: Readonly<Record<string, FapiModule>> = {
  'ensure-signed-client-assertion-with-RS256-fails': async (fapi) => {
    const { rsaKey: key, rsaKid: kid } = fapi.first
    await refusedAtToken(fapi, { signing: { key, header: { alg: 'RS256', kid } } })
    await fapi.flow(fapi.first, {}, { authentication: { signing: { key, header: { alg: 'PS256', kid } } } })
  },
  'ensure-client-assertion-in-token-endpoint': (fapi) => refusedAtToken(fapi, 'none'),
  'ensure-client-assertion-with-exp-is-5-minutes-in-past-fails': (fapi) =>
    refusedAtToken(fapi, { claims: { iat: fapi.now() - 360, exp: fapi.now() - 300 } }),
  'ensure-client-assertion-with-wrong-aud-fails': (fapi) =>
    refusedAtToken(fapi, { claims: { aud: 'https://other.test' } }),
  'ensure-client-assertion-with-no-sub-fails': (fapi) => refusedAtToken(fapi, { claims: { sub: undefined } }),
}

/** The 10 modules that the plans of FAPI 2.0 add for `private_key_jwt`. */
export const fapi2AssertionModules: Readonly<Record<string, FapiModule>> = {
  ...ofBoth,
  'par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted': async (fapi) => {
    const ahead = fapi.now() + 8
    const answer = await pushedWith(fapi, { iat: ahead, nbf: ahead, exp: ahead + 60 })
    assert.equal(answer.status, 201, answer.text)
  },
  'par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails': async (fapi) => {
    const ahead = fapi.now() + 90
    await refusedAtPar(fapi, { iat: ahead, nbf: ahead, exp: ahead + 60 })
  },
  'par-test-array-as-audience-fails': async (fapi) => {
    const { token_endpoint: token } = await fapi.metadata()
    await refusedAtPar(fapi, { aud: ['https://as.test', token] })
    await refusedAtPar(fapi, { aud: ['https://as.test'] })
  },
  'par-test-par-endpoint-url-as-audience-fails': async (fapi) => {
    for (const aud of await urlsOf(fapi, 'pushed_authorization_request_endpoint')) await refusedAtPar(fapi, { aud })
  },
  'par-test-token-endpoint-url-as-audience-fails': async (fapi) => {
    for (const aud of await urlsOf(fapi, 'token_endpoint')) await refusedAtPar(fapi, { aud })
  },
}

/** The 14 modules that the plan of FAPI 1.0 Advanced adds for `private_key_jwt` with pushed requests. */
export const fapi1AssertionModules: Readonly<Record<string, FapiModule>> = {
  ...ofBoth,
  'ensure-client-assertion-with-wrong-iss-fails': (fapi) => refusedAtToken(fapi, { claims: { iss: 'somebody' } }),
  'ensure-client-assertion-with-wrong-sub-fails': (fapi) => refusedAtToken(fapi, { claims: { sub: 'somebody' } }),
  'ensure-client-assertion-with-iss-aud-succeeds': async (fapi) => {
    await fapi.flow(fapi.first, {}, { authentication: { claims: { aud: 'https://as.test' } } })
  },
  'test-array-as-audience-for-client-JWT-assertion': async (fapi) => {
    const { token_endpoint: token } = await fapi.metadata()
    const aud = ['https://as.test', token]
    if (fapi.variant.requests !== 'signed_by_value') assert.equal((await pushedWith(fapi, { aud })).status, 201)
    await fapi.flow(fapi.first, {}, { authentication: { claims: { aud } } })
  },
  'par-test-pushed-authorization-url-as-audience-for-client-JWT-assertion': async (fapi) => {
    for (const aud of await urlsOf(fapi, 'pushed_authorization_request_endpoint')) {
      assert.equal((await pushedWith(fapi, { aud })).status, 201, String(aud))
    }
  },
  'par-token-endpoint-url-as-audience-for-client-JWT-assertion': async (fapi) => {
    for (const aud of await urlsOf(fapi, 'token_endpoint')) {
      assert.equal((await pushedWith(fapi, { aud })).status, 201, String(aud))
    }
  },
  'par-ensure-client-assertion-with-wrong-aud-fails': (fapi) => refusedAtPar(fapi, { aud: 'https://other.test' }),
  'par-ensure-client-assertion-with-wrong-iss-fails': (fapi) => refusedAtPar(fapi, { iss: 'somebody' }),
  'par-ensure-client-assertion-with-wrong-sub-fails': (fapi) => refusedAtPar(fapi, { sub: 'somebody' }),
}

async function refusedAtToken(fapi: FapiDriver, authentication: NonNullable<ShownBy['authentication']>): Promise<void> {
  const code = await fapi.code(fapi.first)
  const refused = await fapi.redeem(fapi.first, code, {}, { authentication })
  assert.ok(['invalid_client', 'invalid_request'].includes(String(refused.json['error'])), refused.text)
  const taken = await fapi.redeem(fapi.first, code)
  assert.equal(taken.status, 200, 'nobody else can use a code up')
}

async function refusedAtPar(fapi: FapiDriver, claims: Changes): Promise<void> {
  const refused = await pushedWith(fapi, claims)
  assert.ok(['invalid_client', 'invalid_request'].includes(String(refused.json['error'])), refused.text)
}

function pushedWith(fapi: FapiDriver, claims: Changes): ReturnType<FapiDriver['pushed']> {
  return fapi.pushed(fapi.first, {}, { authentication: { claims } })
}

/** An endpoint's URL, and the one of its alias. */
async function urlsOf(fapi: FapiDriver, name: string): Promise<readonly unknown[]> {
  const metadata = await fapi.metadata()
  return [metadata[name], (metadata['mtls_endpoint_aliases'] as Readonly<Record<string, unknown>>)[name]]
}
