import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeBase64url, encodeBase64url } from './base64url.ts'

test('decoding undoes encoding, and both agree with the platform', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = encodeBase64url(bytes)
      assert.equal(text, Buffer.from(bytes).toString('base64url'))
      assert.deepEqual(decodeBase64url(text), new Uint8Array(bytes))
    }),
  )
})

test('any text is either refused or the one encoding of what it decodes to', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'AB-_09az+/= \n.é'), maxLength: 12 }), (text) => {
      const bytes = decodeBase64url(text)
      if (bytes !== undefined) assert.equal(encodeBase64url(bytes), text)
    }),
  )
})

for (const text of ['A', 'AB', 'AAB', 'AA==', 'A A', 'AA\n', 'AA+A', 'AA/A', 'AAAA\u0141', '====']) {
  test(`${JSON.stringify(text)} is not base64url`, () => {
    assert.equal(decodeBase64url(text), undefined)
  })
}
