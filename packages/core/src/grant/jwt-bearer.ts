import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { AssertionIssuer } from '../client-registration/delegation-registration.ts'
import type { CompactJws } from '../jose/compact-jws.ts'
import { isJwsAlgorithm, type JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { DelegatedGrantFailure } from '../protocol-error/delegated-grant-failure.ts'
import type { GrantFailure } from '../protocol-error/failure.ts'
import type { AuthorizedGrant } from './authorized-grant.ts'
import { withinRegistration } from './within-registration.ts'

/** An assertion whose claims are right; what remains is its signature and, with a `jti`, that it is the first. */
export interface GrantAssertion {
  readonly issuer: AssertionIssuer
  readonly algorithm: JwsAlgorithm
  readonly subject: string
  readonly jti: string | undefined
  /** Epoch seconds until which the `jti` must be remembered. */
  readonly rememberUntil: number
}

/** Judges algorithm and claims of an authorization grant in the form of a JWT (RFC 7523 §2.1, §3). */
export function grantAssertion(
  assertion: CompactJws,
  issuers: readonly AssertionIssuer[],
  audiences: readonly string[],
  now: number,
): Result<GrantAssertion, DelegatedGrantFailure> {
  const refused = (problem: string): Result<never, DelegatedGrantFailure> =>
    fail({ reason: 'grant_assertion_refused', problem })
  const { alg } = assertion.header
  const { iss, sub, aud, exp, iat, nbf, jti } = assertion.claims as Readonly<
    Partial<Record<'iss' | 'sub' | 'aud' | 'exp' | 'iat' | 'nbf' | 'jti', unknown>>
  >
  if (!isJwsAlgorithm(alg)) return refused('algorithm_not_allowed')
  const issuer = issuers.find((one) => one.issuer === iss)
  if (issuer === undefined) return refused('issuer_not_registered')
  if (typeof sub !== 'string' || sub === '' || sub.length > maximumIdentifier) return refused('sub_missing')
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!named.some((one) => typeof one === 'string' && audiences.includes(one))) return refused('for_another_audience')
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return refused('exp_missing')
  if (exp <= now - pastTolerance) return refused('expired')
  if (exp > now + maximumLifetime) return refused('lifetime_too_long')
  for (const time of [iat, nbf]) {
    if (time === undefined) continue
    if (typeof time !== 'number' || !Number.isFinite(time)) return refused('time_malformed')
    if (time > now + futureTolerance) return refused('not_yet_valid')
  }
  if (jti !== undefined && (typeof jti !== 'string' || jti === '' || jti.length > maximumIdentifier)) {
    return refused('jti_malformed')
  }
  return ok({ issuer, algorithm: alg, subject: sub, jti, rememberUntil: Math.ceil(exp) + pastTolerance })
}

/** Decides what a good assertion earns: within what the client registered, for whom its issuer speaks. No refresh token. */
export function jwtBearer(
  form: ReadonlyMap<string, string>,
  authenticated: AuthenticatedClient,
  { subject }: GrantAssertion,
  defaultAudience: readonly string[],
): Result<AuthorizedGrant, GrantFailure> {
  return withinRegistration(
    form,
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    authenticated,
    subject,
    defaultAudience,
  )
}

/** Seconds, as of client assertions. */
const futureTolerance = 60
const pastTolerance = 10
/** Seconds: as long as the `jti` is remembered at most. */
const maximumLifetime = 3_600
const maximumIdentifier = 256
