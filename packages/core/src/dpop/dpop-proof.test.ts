import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { dpopProof, type ProofExpectation } from './dpop-proof.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = publicKey.export({ format: 'jwk' })
const now = 1_800_000_000
const expected: ProofExpectation = {
  method: 'POST',
  url: 'https://mtls.login.example/token',
  algorithms: ['ES256', 'EdDSA', 'PS256', 'RS256'],
}
const good = { jti: 'j', htm: 'POST', htu: 'https://mtls.login.example/token', iat: now }

function proof(claims: object = {}, header: object = {}): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part({ typ: 'dpop+jwt', alg: 'ES256', jwk, ...header })}.${part({ ...good, ...claims })}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

const problemOf = (text: string, more: Partial<ProofExpectation> = {}): unknown => {
  const judged = dpopProof(text, { ...expected, ...more }, now)
  return judged.ok
    ? 'accepted'
    : judged.failure.reason === 'dpop_proof_refused'
      ? judged.failure.problem
      : judged.failure
}

describe('dpopProof', () => {
  const cases: readonly (readonly [string, string, unknown, Partial<ProofExpectation>?])[] = [
    ['RFC9449-D1 a proof for this request', proof(), 'accepted'],
    ['RFC9449-D2 another type', proof({}, { typ: 'JWT' }), 'typ_not_dpop_jwt'],
    ['RFC9449-D3 no signature', proof({}, { alg: 'none' }), 'algorithm_not_allowed'],
    ['RFC9449-D3 a shared secret', proof({}, { alg: 'HS256' }), 'algorithm_not_allowed'],
    ['RFC9449-D3 an algorithm that the key is not for', proof({}, { alg: 'RS256' }), 'key_refused'],
    ['RFC9449-D4 no key', proof({}, { jwk: undefined }), 'key_missing'],
    ['RFC9449-D4 a key that is none', proof({}, { jwk: { kty: 'EC' } }), 'key_refused'],
    ['RFC9449-D4 a private key', proof({}, { jwk: privateKey.export({ format: 'jwk' }) }), 'private_key_in_header'],
    ['RFC9449-D4 a symmetric key', proof({}, { jwk: { kty: 'oct', k: 'AAAA' } }), 'private_key_in_header'],
    ['RFC9449-D5 no jti', proof({ jti: undefined }), 'jti_missing'],
    ['RFC9449-D5 a jti that would fill the store', proof({ jti: 'x'.repeat(257) }), 'jti_missing'],
    ['RFC9449-D6 another method', proof({ htm: 'GET' }), 'method_mismatch'],
    ['RFC9449-D6 the method in lower case', proof({ htm: 'post' }), 'method_mismatch'],
    ['RFC9449-D7 the URL of another host', proof({ htu: 'https://login.example/token' }), 'url_mismatch'],
    ['RFC9449-D7 another path', proof({ htu: 'https://mtls.login.example/par' }), 'url_mismatch'],
    ['RFC9449-D7 no URL', proof({ htu: undefined }), 'url_mismatch'],
    ['RFC9449-D7 query and fragment do not count', proof({ htu: `${good.htu}?a=b#c` }), 'accepted'],
    [
      'RFC9449-D7 nor does the case of the host, nor a default port',
      proof({ htu: 'HTTPS://mtls.LOGIN.example:443/token' }),
      'accepted',
    ],
    ['RFC9449-D8 of a minute ago', proof({ iat: now - 60 }), 'accepted'],
    ['RFC9449-D8 older', proof({ iat: now - 61 }), 'too_old'],
    ['RFC9449-D8 from a clock that runs ahead', proof({ iat: now + 60 }), 'accepted'],
    ['RFC9449-D8 further ahead', proof({ iat: now + 61 }), 'not_yet_valid'],
    ['RFC9449-D8 without time', proof({ iat: '1' }), 'iat_missing'],
    ['RFC9449-D9 with the hash of the token', proof({ ath: 'h' }), 'accepted', { accessTokenHash: 'h' }],
    ['RFC9449-D9 with another hash', proof({ ath: 'g' }), 'ath_mismatch', { accessTokenHash: 'h' }],
    ['RFC9449-D9 without hash', proof(), 'ath_missing', { accessTokenHash: 'h' }],
    ['RFC9449-D10 two headers', `${proof()}, ${proof()}`, 'repeated'],
    ['RFC9449-D11 a critical extension', proof({}, { crit: ['x'] }), 'malformed'],
    ['RFC9449-D11 something else', 'x', 'malformed'],
    ['RFC9449-D11 something long', 'x'.repeat(8193), 'malformed'],
  ]
  for (const [name, text, outcome, more] of cases) {
    test(`${name}: ${String(outcome)}`, () => assert.equal(problemOf(text, more), outcome))
  }

  test('whatever comes is judged, never thrown', () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        dpopProof(parts.join('.'), expected, now)
      }),
    )
    fc.assert(
      fc.property(fc.object(), fc.object(), (claims, header) => {
        dpopProof(proof(claims, header), expected, now)
      }),
      { numRuns: 50 },
    )
  })
})
