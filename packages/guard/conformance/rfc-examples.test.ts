import assert from 'node:assert/strict'
import { test } from 'node:test'

import { jwsAlgorithms } from '@holdfast/core'

import { createGuard } from '../src/index.ts'
import { chooseKey, keySet } from '../src/jwk/key-set.ts'
import { compactJws } from '../src/jws/compact-jws.ts'
import { verifyJwsSignature } from '../src/jws/verify-jws-signature.ts'
import { publicPart } from './public-part.ts'
import { missing, vectors } from './vectors.ts'

const name = 'rfc-examples.json'
const file = vectors<{ items: readonly (Record<string, unknown> & { id: string })[] }>(name)
const skip = missing(file, name)

test('RFC8705-M13 the certificate of RFC 8705 appendix A has the thumbprint that is printed there', { skip }, () => {
  const { der_base64: der, cnf } = item('rfc8705-appendix-a') as { der_base64: string; cnf: { 'x5t#S256': string } }
  const guard = createGuard({ ...options, certificate: { from: 'caller' } })
  const facts = guard.factsOfFetch(new Request('https://api.example'), Buffer.from(der, 'base64'))
  assert.equal(facts.certificateThumbprint, cnf['x5t#S256'])
})

test('the Client-Cert header of RFC 9440 appendix A leads to the thumbprint of its certificate', { skip }, () => {
  const example = item('rfc9440-appendix-a') as {
    client_cert_header: string
    client_cert_chain_header: string
    'x5t#S256': string
  }
  const secret = 'a'.repeat(32)
  const proof = { secretHeader: 'x-proxy-secret', secrets: [secret] }
  const guard = createGuard({ ...options, certificate: { from: 'rfc9440', proof } })
  const headers = {
    'client-cert': example.client_cert_header,
    'client-cert-chain': example.client_cert_chain_header,
    'x-proxy-secret': secret,
  }
  const facts = guard.factsOfFetch(new Request('https://api.example', { headers }))
  assert.deepEqual([facts.certificateThumbprint, facts.certificateRefusal], [example['x5t#S256'], undefined])
})

test('the ES256 example of RFC 7515 A.3 verifies, and not with one bit changed', { skip }, () => {
  const { jws, jwk } = item('rfc7515-a.3-es256') as { jws: string; jwk: Record<string, unknown> }
  const parsed = compactJws(jws)
  const set = keySet({ keys: [publicPart(jwk)] }, jwsAlgorithms)
  assert.ok(parsed.ok && set.ok)
  const { header, signingInput, signature } = parsed.value
  const key = chooseKey(set.value, jwsAlgorithms, header.algorithm, header.keyId)
  assert.ok(key.ok)
  assert.equal(verifyJwsSignature(key.value, signingInput, signature), true)
  signature[40]! ^= 1
  assert.equal(verifyJwsSignature(key.value, signingInput, signature), false)
})

test('the HS256 example of RFC 7515 A.1 has an algorithm that is never accepted', { skip }, () => {
  const { jws, jwk } = item('rfc7515-a.1-hs256') as { jws: string; jwk: unknown }
  const parsed = compactJws(jws)
  const set = keySet({ keys: [jwk] }, jwsAlgorithms)
  assert.ok(parsed.ok && set.ok)
  assert.deepEqual(set.value.keys, [])
  const key = chooseKey(set.value, jwsAlgorithms, parsed.value.header.algorithm, parsed.value.header.keyId)
  assert.equal(!key.ok && key.failure.reason, 'token_algorithm_not_allowed')
})

const options = { issuer: 'https://as.example', audience: 'https://api.example', keys: { jwks: { keys: [] } } }

function item(id: string): unknown {
  const found = file?.items.find((one) => one.id === id)
  assert.ok(found, id)
  return found
}
