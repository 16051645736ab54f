import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { claimsOf } from '../../packages/server/conformance/test-server.ts'
import { jwkThumbprint } from './fapi-client.ts'
import type { Changes, ProofChanges } from './fapi-client.ts'
import type { FapiDriver } from './fapi-driver.ts'
import type { FapiModule } from './shared-modules.ts'

/** The 9 modules that the plans of FAPI 2.0 add for tokens that are bound by DPoP. */
export const dpopModules: Readonly<Record<string, FapiModule>> = {
  'check-dpop-proof-nbf-exp': (fapi) => provenFlow(fapi, { nbf: fapi.now(), exp: fapi.now() + 300 }),
  'ensure-dpopproof-with-iat-10seconds-before-succeeds': (fapi) => provenFlow(fapi, { iat: fapi.now() - 8 }),
  'ensure-dpopproof-with-iat-10seconds-after-succeeds': (fapi) => provenFlow(fapi, { iat: fapi.now() + 8 }),
  'ensure-mismatched-dpop-jkt-fails': async (fapi) => {
    const dpop_jkt = jwkThumbprint(anotherKey())
    const refused = await fapi.pushed(fapi.first, { dpop_jkt }, { possession: {} })
    assert.ok(['invalid_request', 'invalid_dpop_proof'].includes(String(refused.json['error'])), refused.text)
  },
  'ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt': async (fapi) => {
    const code = await codeOfProvenPush(fapi)
    await refusedAtToken(fapi, code, newKey())
    assert.equal((await fapi.redeem(fapi.first, code)).status, 200)
  },
  'ensure-token-endpoint-fails-with-mismatched-dpop-jkt': async (fapi) => {
    await refusedAtToken(fapi, await fapi.code(fapi.first, { dpop_jkt: jwkThumbprint(anotherKey()) }), {})
  },
  'ensure-dpopproof-at-par-endpoint-binding-success': async (fapi) => {
    const tokens = await fapi.redeem(fapi.first, await codeOfProvenPush(fapi))
    assert.deepEqual(claimsOf(tokens.json['access_token'])['cnf'], fapi.confirmation(fapi.first))
  },
  'ensure-dpop-auth-code-binding-success': async (fapi) => {
    const code = await codeOfProvenPush(fapi, { dpop_jkt: jwkThumbprint(fapi.first.dpopKey) })
    assert.equal((await fapi.redeem(fapi.first, code)).status, 200)
  },
  'dpop-negative-tests': async (fapi) => {
    const { tokens } = await fapi.flow(fapi.first)
    const token = tokens['access_token']
    const asked = async (possession: ProofChanges): Promise<number> =>
      (await fapi.userinfo(token, fapi.first, { possession })).status
    for (const [what, possession] of refusedProofs(fapi)) assert.equal(await asked(possession), 401, what)
    for (const [what, possession] of acceptedProofs(fapi)) assert.equal(await asked(possession), 200, what)
    const jti = randomUUID()
    assert.equal(await asked({ claims: { jti } }), 200, 'the first use')
    assert.equal(await asked({ claims: { jti } }), 401, 'the second use')
    for (const scheme of ['DPoP', 'Bearer']) {
      assert.equal((await fapi.userinfo(token, undefined, { scheme })).status, 401, `${scheme} without a proof`)
    }
    assert.equal((await fapi.userinfo(token, fapi.first, { scheme: 'Bearer' })).status, 401, 'Bearer with a proof')
    assert.equal(await asked({}), 200, 'all of that was about the proofs')
  },
}

function refusedProofs(fapi: FapiDriver): readonly (readonly [what: string, possession: ProofChanges])[] {
  const without = (claim: string): readonly [string, ProofChanges] => [
    `without ${claim}`,
    { claims: { [claim]: undefined } },
  ]
  return [
    ['two proofs', { sent: (proof) => [proof, proof] }],
    ['no JWT', { sent: (proof) => proof.replaceAll('.', '') }],
    ['no typ', { header: { typ: undefined } }],
    ['no alg', { header: { alg: undefined } }],
    ['no jwk', { header: { jwk: undefined } }],
    ...['jti', 'htm', 'htu', 'iat', 'ath'].map(without),
    ['another typ', { header: { typ: 'JWT' } }],
    ['alg none', { header: { alg: 'none' } }],
    ['a signature that is not of it', { sent: (proof) => `${proof.slice(0, -10)}AAAAAAAAAA` }],
    ['a private key', { header: { jwk: fapi.first.dpopKey.export({ format: 'jwk' }) } }],
    ['another method', { claims: { htm: 'PUT' } }],
    ['another URL', { claims: { htu: 'https://other.test/userinfo' } }],
    ['an hour ahead', { claims: { iat: fapi.now() + 3600 } }],
    ['an hour ago', { claims: { iat: fapi.now() - 3600 } }],
    ['the hash of another token', { claims: { ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' } }],
    ['another key', newKey()],
  ]
}

function acceptedProofs(fapi: FapiDriver): readonly (readonly [what: string, possession: ProofChanges])[] {
  const host = fapi.variant.clientAuth === 'private_key_jwt' ? 'as.test' : 'mtls.as.test'
  return [
    ['query and fragment', { claims: { htu: `https://${host}/userinfo?a=b#c` } }],
    ['host and scheme in capitals', { claims: { htu: `HTTPS://${host.toUpperCase()}/userinfo` } }],
    ['the default port', { claims: { htu: `https://${host}:443/userinfo` } }],
    ['claims and header members that nobody knows', { header: { foo: 'bar' }, claims: { foo: { bar: 1 } } }],
  ]
}

async function provenFlow(fapi: FapiDriver, claims: Changes): Promise<void> {
  const code = await codeOfProvenPush(fapi, {}, claims)
  const tokens = await fapi.redeem(fapi.first, code, {}, { possession: { claims } })
  assert.equal(tokens.status, 200, tokens.text)
  const { status } = await fapi.userinfo(tokens.json['access_token'], fapi.first, { possession: { claims } })
  assert.equal(status, 200)
}

/** The code of a request that was pushed with a proof. */
async function codeOfProvenPush(fapi: FapiDriver, changes: Changes = {}, claims: Changes = {}): Promise<string> {
  const pushed = await fapi.pushed(fapi.first, changes, { possession: { claims } })
  assert.equal(pushed.status, 201, pushed.text)
  const page = await fapi.open({ client_id: fapi.first.id, request_uri: String(pushed.json['request_uri']) })
  const code = (await fapi.answer(await fapi.through(page))).get('code')
  assert.ok(code !== null)
  return code
}

async function refusedAtToken(fapi: FapiDriver, code: string, possession: ProofChanges): Promise<void> {
  const refused = await fapi.redeem(fapi.first, code, {}, { possession })
  const errors = ['invalid_request', 'invalid_grant', 'invalid_dpop_proof']
  assert.ok(errors.includes(String(refused.json['error'])), refused.text)
}

/** A proof that is right by itself, of a key that is not the client's. */
function newKey(): ProofChanges {
  const key = anotherKey()
  const { kty, crv, x, y } = key.export({ format: 'jwk' })
  return { key, header: { jwk: { kty, crv, x, y } } }
}

function anotherKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}
