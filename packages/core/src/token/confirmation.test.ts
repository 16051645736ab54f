import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { confirmationMatches } from './confirmation.ts'

const thumbprint = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0'
const other = 'B4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0'

describe('confirmationMatches', () => {
  test('RFC8705-M13 the certificate that the token is bound to is accepted', () => {
    assert.deepEqual(confirmationMatches({ 'x5t#S256': thumbprint }, thumbprint), {
      ok: true,
      value: 'bound_to_this_certificate',
    })
  })

  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, string | undefined, object])[] = [
    [
      'RFC8705-M13 another certificate',
      { 'x5t#S256': thumbprint },
      other,
      { reason: 'token_certificate_mismatch', expected: thumbprint, presented: other },
    ],
    [
      'RFC8705-M13 no certificate',
      { 'x5t#S256': thumbprint },
      undefined,
      { reason: 'token_certificate_missing', expected: thumbprint },
    ],
    [
      'RFC8705-M29 a member that is not known',
      { kid: thumbprint },
      thumbprint,
      { reason: 'token_confirmation_unsupported', members: ['kid'] },
    ],
    [
      'RFC8705-M29 a member that is not known beside one that is',
      { 'x5t#S256': thumbprint, jkt: other },
      thumbprint,
      { reason: 'token_confirmation_unsupported', members: ['x5t#S256', 'jkt'] },
    ],
    ['an empty confirmation', {}, thumbprint, { reason: 'token_confirmation_unsupported', members: [] }],
    [
      'RFC8705-M16 a padded thumbprint',
      { 'x5t#S256': `${thumbprint}=` },
      `${thumbprint}=`,
      { reason: 'token_claim_malformed', claim: 'cnf' },
    ],
    [
      'a thumbprint that is no text',
      { 'x5t#S256': [thumbprint] },
      thumbprint,
      { reason: 'token_claim_malformed', claim: 'cnf' },
    ],
    ['an empty thumbprint', { 'x5t#S256': '' }, '', { reason: 'token_claim_malformed', claim: 'cnf' }],
  ]
  for (const [name, confirmation, presented, failure] of refused) {
    test(`${name}: refused`, () => {
      assert.deepEqual(confirmationMatches(confirmation, presented), { ok: false, failure })
    })
  }

  test('RFC9449-D30 a token bound to a key needs the proof of that very key, and no certificate stands in for it', () => {
    const bound = { jkt: thumbprint }
    assert.deepEqual(confirmationMatches(bound, undefined, thumbprint), { ok: true, value: 'bound_to_this_key' })
    const missing = { ok: false, failure: { reason: 'token_proof_missing', expected: thumbprint } }
    assert.deepEqual(confirmationMatches(bound, thumbprint), missing)
    assert.deepEqual(confirmationMatches(bound, undefined, other), {
      ok: false,
      failure: { reason: 'token_key_mismatch', expected: thumbprint, presented: other },
    })
    assert.equal(confirmationMatches({ 'x5t#S256': thumbprint }, undefined, thumbprint).ok, false)
    assert.equal(confirmationMatches({ jkt: '' }, undefined, '').ok, false)
  })

  test('a member that is only inherited is none', () => {
    const inherited = Object.create({ 'x5t#S256': thumbprint }) as Record<string, unknown>
    assert.equal(confirmationMatches(inherited, thumbprint).ok, false)
  })
})
