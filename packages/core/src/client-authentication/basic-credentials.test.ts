import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { basicCredentials } from './basic-credentials.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

describe('basicCredentials', () => {
  const accepted: readonly (readonly [string, string, string])[] = [
    [basic('acme:secret'), 'acme', 'secret'],
    [basic('acme:a:b'), 'acme', 'a:b'],
    [basic('ac%3Ame:s+p%2Bq'), 'ac:me', 's p+q'],
    [basic('acme:%C3%A9'), 'acme', 'é'],
    [`bAsIc  ${Buffer.from('a:b').toString('base64')}`, 'a', 'b'],
    [`Basic ${Buffer.from('a:bc').toString('base64').replace(/=+$/, '')}`, 'a', 'bc'],
  ]
  for (const [header, clientId, secret] of accepted) {
    test(`RFC6749-A31 reads ${header}`, () => {
      assert.deepEqual(basicCredentials(header), { ok: true, value: { clientId, secret } })
    })
  }

  const refused: readonly (readonly [string, string])[] = [
    ['', 'not_base64'],
    ['Basic', 'not_base64'],
    ['Basic ', 'not_base64'],
    ['Basic a b', 'not_base64'],
    ['Basic YTpi!', 'not_base64'],
    ['Basic YTpi-_', 'not_base64'],
    [`Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString('base64')}`, 'not_base64'],
    [basic('acme'), 'no_colon'],
    [basic('acme:%zz'), 'not_form_encoded'],
    [`Basic ${'A'.repeat(4_096)}`, 'too_long'],
  ]
  for (const [header, problem] of refused) {
    test(`refuses ${JSON.stringify(header.slice(0, 40))}: ${problem}`, () => {
      assert.deepEqual(basicCredentials(header), {
        ok: false,
        failure: { reason: 'authorization_header_malformed', problem },
      })
    })
  }

  test('another scheme is not supported here', () => {
    assert.deepEqual(basicCredentials('Bearer abc'), {
      ok: false,
      failure: { reason: 'authorization_scheme_unsupported', scheme: 'Bearer' },
    })
  })

  const text = fc.string({ unit: 'binary', maxLength: 30 })
  test('whatever was form-encoded comes back as it was', () => {
    fc.assert(
      fc.property(text, text, (id, secret) => {
        const header = basic(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)
        assert.deepEqual(basicCredentials(header), { ok: true, value: { clientId: id, secret } })
      }),
    )
  })
})
