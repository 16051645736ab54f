import { fail, ok, type Result } from '@holdfast/x509'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { CompactJws } from '../jose/compact-jws.ts'
import { isJwsAlgorithm, type JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { AssertionFailure } from '../protocol-error/failure.ts'

/** What remains to be done with an assertion whose claims are right: check the signature, then use it up. */
export interface ClientAssertion {
  readonly algorithm: JwsAlgorithm
  readonly jti: string
  /** Epoch seconds until which the `jti` must be remembered. */
  readonly rememberUntil: number
}

/**
 * Judges algorithm and claims of a client assertion, before any costly work is done for it.
 *
 * RFC 7523 §3, OpenID Connect Core §9. `audiences` are what `aud` may name, the issuer first. The registration fixes the
 * algorithms; keys in the header are never read. `form` says whether `aud` may be a list (FAPI 2.0 §5.3.2.1 (8): it may not). An `iat` or `nbf` up to 60 s ahead is accepted, an `exp` up to 10 s ago.
 */
export function clientAssertion(
  assertion: CompactJws,
  client: RegisteredClient<'private_key_jwt'>,
  audiences: readonly string[],
  now: number,
  form: 'one_text' | 'any' = 'any',
): Result<ClientAssertion, AssertionFailure> {
  const { header, claims } = assertion
  const { algorithms } = client.authentication
  if (!isJwsAlgorithm(header.alg) || !algorithms.includes(header.alg)) {
    return fail({ reason: 'assertion_algorithm_not_allowed', presented: header.alg.slice(0, 32), allowed: algorithms })
  }
  if (header.typ !== undefined && !types.includes(mediaType(header.typ))) {
    return fail({ reason: 'assertion_malformed', problem: 'typ_not_of_an_assertion' })
  }
  for (const claim of ['iss', 'sub', 'aud', 'exp', 'jti']) {
    if (!Object.hasOwn(claims, claim)) return fail({ reason: 'assertion_claim_missing', claim })
  }
  const { iss, sub, aud, exp, iat, nbf, jti } = claims as Readonly<Partial<Record<string, unknown>>>
  if (typeof iss !== 'string') return malformed('iss')
  if (iss !== client.clientId) return fail({ reason: 'assertion_issuer_mismatch', presented: iss })
  if (typeof sub !== 'string') return malformed('sub')
  if (sub !== client.clientId) return fail({ reason: 'assertion_subject_mismatch', presented: sub })
  const presented = audienceList(aud)
  if (presented === undefined) return malformed('aud')
  if ((form === 'one_text' && typeof aud !== 'string') || !presented.some((one) => audiences.includes(one))) {
    return fail({ reason: 'assertion_audience_mismatch', expected: audiences, presented: presented.slice(0, 10) })
  }
  if (!isTime(exp)) return malformed('exp')
  if (exp <= now - pastTolerance) return fail({ reason: 'assertion_expired', exp, now })
  if (exp > now + maximumLifetime)
    return fail({ reason: 'assertion_lifetime_too_long', exp, now, limit: maximumLifetime })
  for (const [claim, value] of [
    ['iat', iat],
    ['nbf', nbf],
  ] as const) {
    if (value === undefined) continue
    if (!isTime(value)) return malformed(claim)
    if (value > now + futureTolerance) return fail({ reason: 'assertion_not_yet_valid', claim, value, now })
  }
  if (typeof jti !== 'string' || jti === '' || jti.length > maximumIdentifier) return malformed('jti')
  return ok({ algorithm: header.alg, jti, rememberUntil: Math.ceil(exp) + pastTolerance })
}

function malformed(claim: string): Result<never, AssertionFailure> {
  return fail({ reason: 'assertion_claim_malformed', claim })
}

function audienceList(aud: unknown): readonly string[] | undefined {
  if (typeof aud === 'string') return [aud]
  return Array.isArray(aud) && aud.every((one) => typeof one === 'string') ? aud : undefined
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function mediaType(typ: string): string {
  const lower = typ.toLowerCase()
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower
}

const types = ['jwt', 'client-authentication+jwt']

/** Seconds. FAPI 2.0 §5.3.2.1: 10 s ahead must be accepted, more than 60 s must not. */
const futureTolerance = 60
/** Seconds: clocks run apart, and the request took its time. */
const pastTolerance = 10
/** Seconds. An assertion is made for one request; each must be remembered until it expires. */
const maximumLifetime = 3_600
/** A `jti` is kept in the store. */
const maximumIdentifier = 256
