import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthorizationFailure } from '../protocol-error/authorization-failure.ts'
import type { RequestFailure } from '../protocol-error/failure.ts'
import type { AuthorizationRules } from './authorization-rules.ts'

/**
 * Reads the code challenge, and refuses a request without one where the code would be good in other hands.
 *
 * RFC 7636 §4.3, §4.4.1: only `S256`; a challenge without method means `plain`, which is refused too.
 */
export function codeChallenge(
  parameters: ReadonlyMap<string, string>,
  how: {
    readonly client: 'public' | 'confidential'
    readonly nonce: string | undefined
    readonly sent: 'pushed' | 'by_browser'
    /** `optional`: the operator says that this client can do neither. A profile that demands a challenge is not moved by it. */
    readonly registered?: 'optional' | undefined
  },
  rules: Pick<AuthorizationRules, 'codeChallenges' | 'clauses'>,
): Result<string | undefined, AuthorizationFailure | RequestFailure> {
  const challenge = parameters.get('code_challenge')
  const method = parameters.get('code_challenge_method')
  if (challenge === undefined) {
    if (method !== undefined) return fail({ reason: 'parameter_missing', parameter: 'code_challenge' })
    const clause = rules.clauses.codeChallenges
    return isNeeded(how, rules)
      ? fail({ reason: 'code_challenge_missing', ...(clause === undefined ? {} : { clause }) })
      : ok(undefined)
  }
  if (method !== 'S256') {
    return fail({ reason: 'code_challenge_method_unsupported', presented: (method ?? 'plain').slice(0, maximumShown) })
  }
  return digest.test(challenge) ? ok(challenge) : fail({ reason: 'parameter_malformed', parameter: 'code_challenge' })
}

function isNeeded(
  { client, nonce, sent, registered }: Parameters<typeof codeChallenge>[1],
  { codeChallenges }: Pick<AuthorizationRules, 'codeChallenges'>,
): boolean {
  if (client === 'public' || codeChallenges === 'required') return true
  if (codeChallenges === 'required_when_pushed') return sent === 'pushed'
  return nonce === undefined && registered !== 'optional'
}

/** SHA-256 in base64url without padding. */
const digest = /^[A-Za-z0-9_-]{43}$/

const maximumShown = 32
