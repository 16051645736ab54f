/** What a protected resource demands of a request. */
export interface ResourcePolicy {
  /** The only issuer whose tokens count. */
  readonly issuer: string
  /** The names of this resource; a token must be for one of them. */
  readonly audience: readonly string[]
  /** All of these must be in the token's scope. */
  readonly scope: readonly string[]
  /**
   * `required`: a token that is not bound is refused. `if_bound`: a token without `cnf` passes as a bearer token. A bound
   * token needs its certificate with both (RFC 8705 §3). `dangerously_report_only`: a token passes that is not bound, or came
   * without its certificate or key, or with another: whoever has stolen it may use it.
   */
  readonly binding: 'required' | 'if_bound' | 'dangerously_report_only'
  /** Accepted values of `typ`, in lower case and without `application/` (RFC 9068 §4). */
  readonly types: readonly string[]
  /** Seconds by which the clocks of issuer and resource may differ. */
  readonly clockSkew: number
}

/** The policy for an issuer and an audience, everything else at its safest. */
export function resourcePolicy(
  chosen: Pick<ResourcePolicy, 'issuer' | 'audience'> & Partial<ResourcePolicy>,
): ResourcePolicy {
  return {
    scope: [],
    binding: 'required',
    types: ['at+jwt'],
    clockSkew: 10,
    ...chosen,
  }
}
