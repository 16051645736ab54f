import { fail, ok, type Result } from '@holdfast/x509'
import type { CertificateRefusal, Failure } from '../protocol-error/failure.ts'
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
  /** The thumbprint of the certificate or key that the token is bound to; `undefined` for a bearer token, which only `if_bound` lets through. */
  readonly boundTo: string | undefined
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
    if (!matched.ok) return matched
    boundTo = matched.value === 'bound_to_this_key' ? facts.provenKeyThumbprint : facts.certificateThumbprint
  } else if (policy.binding === 'required') return fail({ reason: 'token_not_bound' })
  if (!policy.scope.every((value) => token.scope.includes(value))) {
    return fail({ reason: 'scope_insufficient', required: policy.scope, granted: token.scope })
  }
  return ok({ token, boundTo })
}
