import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import type { SubjectPublicKey } from '@holdfast/x509'
import { publicKeyMatch } from './public-key-match.ts'

const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
const publicJwk = { kty: 'EC', crv: 'P-256', x: jwk.x!, y: jwk.y! }
const x = Buffer.from(publicJwk.x, 'base64url')
const y = Buffer.from(publicJwk.y, 'base64url')
const parity = y.at(-1)! & 1
const key = { algorithm: 'ec', curve: 'P-256', bits: 256, spki: new Uint8Array(0) }

function matches(changes: Partial<SubjectPublicKey>): boolean {
  return publicKeyMatch(publicJwk, { ...key, keyOctets: Buffer.concat([Buffer.of(4), x, y]), ...changes })
}

test('RFC8705-M12 a point is the same whether it is compressed or not', () => {
  assert.equal(matches({}), true)
  assert.equal(matches({ keyOctets: Buffer.concat([Buffer.of(2 + parity), x]) }), true)
})

test('RFC8705-M12 the other point with the same x, and the same numbers on another curve, are other keys', () => {
  assert.equal(matches({ keyOctets: Buffer.concat([Buffer.of(3 - parity), x]) }), false)
  assert.equal(matches({ curve: 'brainpoolP256r1' }), false)
  assert.equal(matches({ algorithm: 'ed25519' }), false)
})
