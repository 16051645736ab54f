import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodePem, encodePem } from './pem.ts'

test('what is encoded is decoded again, in several blocks', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 4 }), (ders) => {
      const decoded = decodePem(ders.map((der) => encodePem(der, 'CERTIFICATE')).join('\n'))
      assert.deepEqual(decoded, { ok: true, value: ders })
    }),
  )
})

const block = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`

for (const [what, text, reason] of [
  ['the empty text', '', 'pem_no_block'],
  ['text before a block', `subject=CN=x\n${block('AAAA')}`, 'pem_text_outside_block'],
  ['another label', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'pem_label_unexpected'],
  ['a block that does not end', '-----BEGIN CERTIFICATE-----\nAAAA\n', 'pem_block_not_closed'],
  [
    'a block that ends as another',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END X509 CRL-----\n',
    'pem_block_not_closed',
  ],
  ['an empty block', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n', 'pem_block_empty'],
  ['an encryption header', block('Proc-Type: 4,ENCRYPTED\nAAAA'), 'pem_line_malformed'],
  ['padding within', block('AA==\nAAAA'), 'pem_base64_malformed'],
  ['base64 whose last bits are not zero', block('AB=='), 'pem_base64_malformed'],
  ['base64 of a wrong length', block('AAAAA'), 'pem_base64_malformed'],
  ['the URL alphabet', block('AA-_'), 'pem_line_malformed'],
] as const) {
  test(`PEM refuses ${what}`, () => {
    const decoded = decodePem(text)
    assert.equal(decoded.ok ? 'accepted' : decoded.failure.reason, reason)
  })
}

test('line ends of any kind and blanks at their end are of no meaning', () => {
  assert.deepEqual(decodePem('-----BEGIN X509 CRL-----\r\nAAAA \r\n-----END X509 CRL-----', 'X509 CRL'), {
    ok: true,
    value: [Uint8Array.of(0, 0, 0)],
  })
})

test('the failure names the line', () => {
  const decoded = decodePem(`${block('AAAA')}\nnonsense\n`)
  assert.deepEqual(decoded, { ok: false, failure: { reason: 'pem_text_outside_block', line: 5 } })
})
