import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base32, totpCode, totpStep } from './totp.ts'

const key = Buffer.from('12345678901234567890')

test('RFC 6238 appendix B: the codes of the test vectors come out, their last six digits', () => {
  const vectors = {
    59: '287082',
    1111111109: '081804',
    1111111111: '050471',
    1234567890: '005924',
    2000000000: '279037',
  }
  for (const [time, code] of Object.entries(vectors)) assert.equal(totpCode(key, Math.floor(Number(time) / 30)), code)
})

test('RFC 6238 §5.2: one step of drift to either side is taken, two are not', () => {
  const step = Math.floor(1111111109 / 30)
  for (const [drift, expected] of [
    [-60, undefined],
    [-30, step],
    [0, step],
    [30, step],
    [60, undefined],
  ] as const)
    assert.equal(totpStep(key, '081804', 1111111109 + drift), expected, `${drift}`)
})

test('blanks between the digits do not matter; what is no code of six digits is none', () => {
  assert.equal(totpStep(key, '287 082', 59), 1)
  for (const code of ['', '28708', '2870822', 'abcdef', '٢٨٧٠٨٢'])
    assert.equal(totpStep(key, code, 59), undefined, code)
})

test('RFC 4648 §10: base32 as in the test vectors, without padding', () => {
  assert.deepEqual(
    ['f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => base32(Buffer.from(text))),
    ['MY', 'MZXQ', 'MZXW6', 'MZXW6YQ', 'MZXW6YTB', 'MZXW6YTBOI'],
  )
})
