import { fail, ok, type Result } from '@holdfast/x509'
import type { CertificateRefusal, Failure, ResourceRequestFailure } from '../protocol-error/failure.ts'
import { confirmationMatches } from '../token/confirmation.ts'
import type { ResourceAccessToken } from './resource-access-token.ts'
import type { ResourcePolicy } from './resource-policy.ts'

/** What of a request to a protected resource the decision depends on, the token aside. */
export interface ResourceRequestFacts {
  /** Thumbprint of the certificate of this request's connection, from the TLS layer or a trusted terminator. */
  readonly certificateThumbprint: string | undefined
  /** Thumbprint of the key that a DPoP proof of this very request has proven; the token then came by the scheme DPoP. */
  readonly provenKeyThumbprint?: string | undefined
  /** Set when the edge would not take the certificate; the request is then refused. */
  readonly certificateRefusal?: CertificateRefusal | undefined
}

/** A request that may pass, and with which token. */
export interface AllowedRequest {
  readonly token: ResourceAccessToken
  /** The thumbprint of the certificate or key that the token is bound to and that was there; `undefined` with `required` never. */
  readonly boundTo: string | undefined
  /** What `required` would have refused the request for; only with `dangerously_report_only`. */
  readonly wouldRefuse?: ResourceRequestFailure
}

/**
 * Decides one request to a protected resource.
 *
 * RFC 8705 §3, RFC 9449 §7.1, RFC 6750 §3.1, RFC 9068 §4. `token` comes from resource-access-token.ts, freshly or from a cache: everything
 * that depends on time, on the connection or on what is asked for is judged here, every time. `now` in epoch seconds.
 */
export function decideResourceRequest(
  facts: ResourceRequestFacts,
  token: ResourceAccessToken,
  policy: ResourcePolicy,
  now: number,
): Result<AllowedRequest, Failure> {
  if (facts.certificateRefusal !== undefined) {
    return fail({ reason: 'certificate_source_refused', refusal: facts.certificateRefusal })
  }
  if (token.expiresAt <= now - policy.clockSkew) return fail({ reason: 'token_expired', exp: token.expiresAt, now })
  if (token.notBefore !== undefined && token.notBefore > now + policy.clockSkew) {
    return fail({ reason: 'token_not_yet_valid', nbf: token.notBefore, now })
  }
  let boundTo: string | undefined
  if (token.confirmation !== undefined) {
    const matched = confirmationMatches(token.confirmation, facts.certificateThumbprint, facts.provenKeyThumbprint)
    if (!matched.ok) return bindingFailure(matched.failure, token, policy)
    boundTo = matched.value === 'bound_to_this_key' ? facts.provenKeyThumbprint : facts.certificateThumbprint
  } else if (policy.binding !== 'if_bound') return bindingFailure({ reason: 'token_not_bound' }, token, policy)
  const insufficient = scopeFailure(token, policy)
  return insufficient === undefined ? ok({ token, boundTo }) : fail(insufficient)
}

/** What is refused for its binding, unless that is only reported: a `cnf` that cannot be checked is refused always. */
function bindingFailure(
  failure: ResourceRequestFailure,
  token: ResourceAccessToken,
  policy: ResourcePolicy,
): Result<AllowedRequest, Failure> {
  if (policy.binding !== 'dangerously_report_only' || !onlyReported.has(failure.reason)) return fail(failure)
  const insufficient = scopeFailure(token, policy)
  return insufficient === undefined ? ok({ token, boundTo: undefined, wouldRefuse: failure }) : fail(insufficient)
}

function scopeFailure(token: ResourceAccessToken, { scope }: ResourcePolicy): ResourceRequestFailure | undefined {
  if (scope.every((value) => token.scope.includes(value))) return undefined
  return { reason: 'scope_insufficient', required: scope, granted: token.scope }
}

const onlyReported: ReadonlySet<string> = new Set<ResourceRequestFailure['reason']>([
  'token_not_bound',
  'token_certificate_missing',
  'token_certificate_mismatch',
  'token_proof_missing',
  'token_key_mismatch',
])
