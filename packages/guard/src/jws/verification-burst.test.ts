import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'

import { verificationKeys } from '../jwk/verification-key.ts'
import { createVerificationBurst } from './verification-burst.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const imported = verificationKeys(publicKey.export({ format: 'jwk' }), ['ES256'])
assert.ok(imported.ok)
const [key] = imported.value
assert.ok(key)

test('of many signatures at once each gets its own verdict', async () => {
  const verify = createVerificationBurst()
  const verdicts = Array.from({ length: 100 }, (_, index) => {
    const input = Buffer.from(`header.${index}`)
    const signature = sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return verify(key, index % 3 === 0 ? Buffer.from('header.other') : input, signature)
  })
  assert.deepEqual(
    await Promise.all(verdicts),
    Array.from({ length: 100 }, (_, index) => index % 3 !== 0),
  )
})

test('what cannot be verified at all rejects, and the others of its burst are answered', async () => {
  const verify = createVerificationBurst()
  const input = Buffer.from('header.payload')
  const signature = sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const unusable = { ...key, keyObject: undefined as never }
  const [before, broken, after] = await Promise.allSettled([
    verify(key, input, signature),
    verify(unusable, input, signature),
    verify(key, input, signature),
  ])
  assert.deepEqual(
    [before, after],
    [true, true].map((value) => ({ status: 'fulfilled', value })),
  )
  assert.equal(broken.status, 'rejected')
})
