import { fail, ok, type Result } from '@holdfast/x509'
import type { ResponseType } from '../client-registration/authorization-registration.ts'
import type { AuthorizationFailure } from '../protocol-error/authorization-failure.ts'
import type { RequestFailure } from '../protocol-error/failure.ts'
import type { AuthorizationRules } from './authorization-rules.ts'

/**
 * Decides what the client gets through the browser: a code, alone or with an ID token.
 *
 * RFC 6749 §3.1.1, OAuth 2.0 Multiple Response Types §3. The order of the words means nothing. Access tokens never travel
 * through browsers here (RFC 9700 §2.1.2).
 */
export function responseType(
  presented: string | undefined,
  registered: readonly ResponseType[],
  rules: Pick<AuthorizationRules, 'responseTypes' | 'clauses'>,
): Result<ResponseType, AuthorizationFailure | RequestFailure> {
  if (presented === undefined) return fail({ reason: 'parameter_missing', parameter: 'response_type' })
  const known = responseTypeOf(presented)
  if (known === undefined || !rules.responseTypes.includes(known)) {
    const clause = known === undefined ? undefined : rules.clauses.responseTypes
    return fail({
      reason: 'response_type_unsupported',
      presented: presented.slice(0, maximumShown),
      ...(clause === undefined ? {} : { clause }),
    })
  }
  return registered.includes(known)
    ? ok(known)
    : fail({ reason: 'response_type_not_registered', presented: known, registered })
}

/** The response type that a text names, in whatever order. */
export function responseTypeOf(text: string): ResponseType | undefined {
  const words = text.split(' ').sort().join(' ')
  return words === 'code' || words === 'code id_token' ? words : undefined
}

/** As long as all response types together. */
const maximumShown = 64
