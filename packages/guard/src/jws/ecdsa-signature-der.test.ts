import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { test } from 'node:test'

import fc from 'fast-check'

import { ecdsaSignatureDer } from './ecdsa-signature-der.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

test('real signatures verify in the form that Node takes by default', () => {
  for (let round = 0; round < 300; round += 1) {
    const data = Buffer.from(String(round))
    const signature = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    assert.ok(verify('sha256', data, publicKey, ecdsaSignatureDer(signature, 32)))
  }
})

test('any two numbers come out as two shortest positive DER integers', () => {
  const number = fc
    .tuple(fc.nat(32), fc.uint8Array({ minLength: 32, maxLength: 32 }))
    .map(([zeros, bytes]) => bytes.fill(0, 0, zeros))
  fc.assert(
    fc.property(number, number, (r, s) => {
      const der = ecdsaSignatureDer(Buffer.concat([r, s]), 32)
      assert.deepEqual(integers(der), [toNumber(r), toNumber(s)])
    }),
  )
})

function integers(der: Uint8Array): bigint[] {
  assert.equal(der[0], 0x30)
  assert.equal(der[1], der.length - 2)
  const found: bigint[] = []
  for (let at = 2; at < der.length;) {
    assert.equal(der[at], 0x02)
    const length = der[at + 1] ?? 0
    const bytes = der.subarray(at + 2, at + 2 + length)
    const [first = 0, second = 0] = bytes
    assert.ok(first < 0x80, 'positive')
    assert.ok(length === 1 || first !== 0 || second >= 0x80, 'shortest')
    found.push(toNumber(bytes))
    at += 2 + length
  }
  return found
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
