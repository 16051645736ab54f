import type { Answer } from '../protocol-error/answer.ts'
import { sentence } from '../protocol-error/error-response.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { wireErrors } from '../protocol-error/wire-errors.ts'

/** What a protected resource says about itself when it refuses. */
export interface Challenge {
  readonly realm?: string | undefined
  /** The scheme by which the token came, Bearer by default. */
  readonly scheme?: 'Bearer' | 'DPoP' | undefined
  /** The signature algorithms of proofs, told with the scheme DPoP (RFC 9449 §7.1). */
  readonly algorithms?: readonly string[] | undefined
  /** The scope that is needed, told with `insufficient_scope` and to those without token. */
  readonly scope?: readonly string[] | undefined
  /** URL of the protected resource metadata (RFC 9728 §5.1). */
  readonly resourceMetadata?: string | undefined
}

/**
 * The refusal of a protected resource, with the challenge of RFC 6750 §3.
 *
 * Without a token no error is named (RFC 6750 §3.1). An outage carries no challenge: asking for another token would not help.
 */
export function resourceErrorResponse(failure: Failure, correlationId: string, challenge: Challenge): Answer {
  const { code, description } = wireErrors[failure.reason]
  const status = resourceStatus(failure)
  const error_description = sentence(description, correlationId)
  const headers: Record<string, string> = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  if (status < 500 && status !== 429) headers['www-authenticate'] = wwwAuthenticate(failure, correlationId, challenge)
  else headers['retry-after'] = failure.reason === 'requests_limited' ? String(failure.retryAfter) : '5'
  if (failure.reason === 'dpop_nonce_needed') headers['dpop-nonce'] = failure.nonce
  return {
    status,
    headers,
    body: JSON.stringify(code === undefined ? { error_description } : { error: code, error_description }),
  }
}

/** At a resource a bad proof is 401, so that the challenge says what is wanted (RFC 9449 §7.1, §9). */
function resourceStatus({ reason }: Failure): number {
  const { code, status } = wireErrors[reason]
  return code === 'invalid_dpop_proof' || code === 'use_dpop_nonce' ? 401 : status
}

/** The value of `WWW-Authenticate` (RFC 6750 §3, RFC 9728 §5.1). */
export function wwwAuthenticate(failure: Failure, correlationId: string, challenge: Challenge): string {
  const { code, description } = wireErrors[failure.reason]
  const scope = challenge.scope === undefined || challenge.scope.length === 0 ? undefined : challenge.scope.join(' ')
  const parameters = [
    parameter('realm', challenge.realm),
    ...(code === undefined
      ? []
      : [parameter('error', code), parameter('error_description', sentence(description, correlationId))]),
    parameter('scope', code === undefined || code === 'insufficient_scope' ? scope : undefined),
    parameter('resource_metadata', challenge.resourceMetadata),
    parameter('algs', challenge.scheme === 'DPoP' ? challenge.algorithms?.join(' ') : undefined),
  ].filter((text) => text !== undefined)
  const scheme = challenge.scheme ?? 'Bearer'
  return parameters.length === 0 ? scheme : `${scheme} ${parameters.join(', ')}`
}

/** RFC 9110 §5.6.4: a quoted string. What cannot stand in one is left out, so that no value can add a header or a parameter. */
function parameter(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${name}="${value.replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, '\\$&')}"`
}
