import type { Answer } from './answer.ts'
import type { Failure } from './failure.ts'
import { wireErrors } from './wire-errors.ts'

/**
 * Puts a failure into the words of the wire: the fixed code and sentence with the correlation id, never the facts.
 *
 * `challenge` is the scheme that the client used in `Authorization`, when it used one: only then, and only for
 * `invalid_client`, the answer carries `WWW-Authenticate` (RFC 6749 §5.2). For resource requests see bearer-challenge.ts.
 */
export function errorResponse(failure: Failure, correlationId: string, challenge?: 'Basic'): Answer {
  const { code, status, description } = wireErrors[failure.reason]
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    pragma: 'no-cache',
  }
  if (challenge !== undefined && status === 401) headers['www-authenticate'] = `${challenge} realm="client"`
  if (failure.reason === 'method_not_allowed') headers['allow'] = failure.allowed.join(', ')
  if (failure.reason === 'dpop_nonce_needed') headers['dpop-nonce'] = failure.nonce
  if (failure.reason === 'requests_limited') headers['retry-after'] = String(failure.retryAfter)
  else if (status === 503) headers['retry-after'] = String(retryAfterOutage)
  return {
    status,
    headers,
    body: JSON.stringify({ error: code, error_description: sentence(description, correlationId) }),
  }
}

/** The fixed sentence with the id under which the operator finds the reason and its facts. */
export function sentence(description: string, correlationId: string): string {
  return `${description} (reference ${correlationId})`
}

/** Seconds: outages of a store or a key service are over soon, or long. */
const retryAfterOutage = 5
