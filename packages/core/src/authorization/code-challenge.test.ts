import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codeChallenge } from './code-challenge.ts'

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const confidential = { client: 'confidential', nonce: undefined, sent: 'by_browser' } as const
const withoutNonce = { codeChallenges: 'required_without_nonce', clauses: {} } as const

function outcome(
  parameters: object,
  how: Parameters<typeof codeChallenge>[1],
  rules: Parameters<typeof codeChallenge>[2],
): string {
  const result = codeChallenge(new Map(Object.entries(parameters)), how, rules)
  return result.ok ? (result.value ?? 'none') : result.failure.reason
}

describe('codeChallenge', () => {
  const requests: readonly (readonly [string, object, string])[] = [
    ['RFC7636-M1 S256 is taken', { code_challenge: challenge, code_challenge_method: 'S256' }, challenge],
    [
      'RFC7636-M2 plain is refused',
      { code_challenge: challenge, code_challenge_method: 'plain' },
      'code_challenge_method_unsupported',
    ],
    ['RFC7636-M2 no method means plain', { code_challenge: challenge }, 'code_challenge_method_unsupported'],
    [
      'RFC7636-M2 s256 is another word',
      { code_challenge: challenge, code_challenge_method: 's256' },
      'code_challenge_method_unsupported',
    ],
    [
      'RFC7636-M1 a digest of another length is malformed',
      { code_challenge: challenge.slice(1), code_challenge_method: 'S256' },
      'parameter_malformed',
    ],
    [
      'RFC7636-M1 padding is malformed',
      { code_challenge: `${challenge.slice(1)}=`, code_challenge_method: 'S256' },
      'parameter_malformed',
    ],
    ['RFC7636-M1 a method without a challenge is malformed', { code_challenge_method: 'S256' }, 'parameter_missing'],
  ]
  for (const [name, parameters, expected] of requests) {
    test(name, () => {
      assert.equal(outcome(parameters, confidential, withoutNonce), expected)
    })
  }

  const left: readonly (readonly [
    string,
    Parameters<typeof codeChallenge>[1],
    Parameters<typeof codeChallenge>[2]['codeChallenges'],
    string,
  ])[] = [
    [
      'a public client',
      { client: 'public', nonce: 'n', sent: 'by_browser' },
      'required_when_pushed',
      'code_challenge_missing',
    ],
    ['a confidential client without nonce', confidential, 'required_without_nonce', 'code_challenge_missing'],
    ['a confidential client with nonce', { ...confidential, nonce: 'n' }, 'required_without_nonce', 'none'],
    [
      'a confidential client with nonce, by FAPI 2.0',
      { ...confidential, nonce: 'n' },
      'required',
      'code_challenge_missing',
    ],
    ['a confidential client by FAPI 1.0 Advanced', confidential, 'required_when_pushed', 'none'],
    [
      'a confidential client that pushes, by FAPI 1.0 Advanced',
      { ...confidential, sent: 'pushed' },
      'required_when_pushed',
      'code_challenge_missing',
    ],
  ]
  for (const [who, how, codeChallenges, expected] of left) {
    test(`RFC7636-M4 RFC9700-R2 ${who} leaves the challenge out: ${expected}`, () => {
      assert.equal(outcome({}, how, { codeChallenges, clauses: {} }), expected)
    })
  }

  test('a client that can do neither is let through by its operator, but not past a profile, and no public one', () => {
    const registered = 'optional'
    assert.equal(outcome({}, { ...confidential, registered }, withoutNonce), 'none')
    assert.equal(outcome({}, { ...confidential, client: 'public', registered }, withoutNonce), 'code_challenge_missing')
    for (const codeChallenges of ['required', 'required_when_pushed'] as const) {
      const pushed = { ...confidential, sent: 'pushed', registered } as const
      assert.equal(outcome({}, pushed, { codeChallenges, clauses: {} }), 'code_challenge_missing')
    }
  })
})
