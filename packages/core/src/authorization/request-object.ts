import { fail, ok, type Result } from '@holdfast/x509'
import type { CompactJws } from '../jose/compact-jws.ts'
import { isJwsAlgorithm, type JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { AuthorizationFailure } from '../protocol-error/authorization-failure.ts'
import type { AuthorizationRules } from './authorization-rules.ts'

/** A request object whose claims are right: what is left is to check the signature. */
export interface RequestObject {
  readonly algorithm: JwsAlgorithm
  /** The only parameters that count (RFC 9101 §5). */
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * Judges algorithm and claims of a request object, before any costly work is done for it, and takes its parameters out.
 *
 * RFC 9101 §4, §6.3, §10.8. `algorithm` is the registered one, if any. Keys in the header are never read. An `iat` or `nbf` up
 * to 60 s ahead is accepted, an `exp` up to 10 s ago. An `aud` must name the issuer, where it is there.
 */
export function requestObject(
  jws: CompactJws,
  clientId: string,
  algorithm: JwsAlgorithm | undefined,
  issuer: string,
  rules: Pick<AuthorizationRules, 'requestAlgorithms' | 'requestObjectTimes' | 'clauses'>,
  now: number,
): Result<RequestObject, AuthorizationFailure> {
  const { header, claims } = jws
  const allowed = algorithm === undefined ? rules.requestAlgorithms : [algorithm]
  if (!isJwsAlgorithm(header.alg) || !allowed.includes(header.alg) || !rules.requestAlgorithms.includes(header.alg)) {
    return fail({ reason: 'request_object_algorithm_not_allowed', presented: header.alg.slice(0, 32), allowed })
  }
  if (header.typ !== undefined && !types.includes(mediaType(header.typ))) {
    return fail({ reason: 'request_object_malformed', problem: 'typ_not_of_a_request_object' })
  }
  for (const claim of ['request', 'request_uri']) {
    if (Object.hasOwn(claims, claim)) return fail({ reason: 'request_object_claim_forbidden', claim })
  }
  for (const claim of ['iss', 'client_id']) {
    if (!Object.hasOwn(claims, claim)) continue
    const presented = claims[claim]
    if (typeof presented !== 'string') return malformed(claim)
    if (presented !== clientId) {
      return fail({ reason: 'request_object_client_mismatch', claim, presented: presented.slice(0, maximumShown) })
    }
  }
  const failure = audienceFailure(claims, issuer, rules) ?? timeFailure(claims, rules, now)
  if (failure !== undefined) return fail(failure)
  const parameters = parametersOf(claims)
  return parameters.ok ? ok({ algorithm: header.alg, parameters: parameters.value }) : parameters
}

type Claims = CompactJws['claims']

function audienceFailure(
  claims: Claims,
  issuer: string,
  { requestObjectTimes, clauses }: Pick<AuthorizationRules, 'requestObjectTimes' | 'clauses'>,
): AuthorizationFailure | undefined {
  if (!Object.hasOwn(claims, 'aud')) {
    return requestObjectTimes === 'bounded' ? missing('aud', clauses.requestObjectTimes) : undefined
  }
  const { aud } = claims as { readonly aud: unknown }
  const presented = typeof aud === 'string' ? [aud] : aud
  if (!Array.isArray(presented) || !presented.every((one) => typeof one === 'string')) {
    return { reason: 'request_object_claim_malformed', claim: 'aud' }
  }
  return presented.includes(issuer)
    ? undefined
    : { reason: 'request_object_audience_mismatch', presented: presented.slice(0, 10), expected: issuer }
}

function timeFailure(
  claims: Claims,
  { requestObjectTimes, clauses }: Pick<AuthorizationRules, 'requestObjectTimes' | 'clauses'>,
  now: number,
): AuthorizationFailure | undefined {
  const { exp, nbf, iat } = claims as Readonly<Record<'exp' | 'nbf' | 'iat', unknown>>
  if (exp !== undefined && !isTime(exp)) return { reason: 'request_object_claim_malformed', claim: 'exp' }
  if (exp !== undefined && exp <= now - pastTolerance) return { reason: 'request_object_expired', exp, now }
  for (const [claim, value] of [
    ['nbf', nbf],
    ['iat', iat],
  ] as const) {
    if (value === undefined) continue
    if (!isTime(value)) return { reason: 'request_object_claim_malformed', claim }
    if (value > now + futureTolerance) return { reason: 'request_object_not_yet_valid', claim, value, now }
  }
  if (requestObjectTimes === 'as_they_are') return undefined
  const clause = clauses.requestObjectTimes
  const because = clause === undefined ? {} : { clause }
  if (exp === undefined) return missing('exp', clause)
  if (!isTime(nbf)) return missing('nbf', clause)
  if (nbf < now - longest) return { reason: 'request_object_too_old', nbf, now, limit: longest, ...because }
  if (exp > nbf + longest) {
    return { reason: 'request_object_lifetime_too_long', exp, from: nbf, limit: longest, ...because }
  }
  return undefined
}

/** Every claim that is no claim of the JWT itself, as the parameter that it stands for. */
function parametersOf(claims: Claims): Result<ReadonlyMap<string, string>, AuthorizationFailure> {
  const parameters = new Map<string, string>()
  for (const [claim, value] of Object.entries(claims)) {
    if (claimsOfTheJwt.has(claim) || value === '') continue
    const text = parameterText(claim, value)
    if (text === undefined) {
      if (parametersAsText.has(claim)) return malformed(claim)
      continue
    }
    if (lonelySurrogate.test(text)) return malformed(claim)
    parameters.set(claim, text)
  }
  return ok(parameters)
}

function parameterText(claim: string, value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (claim === 'max_age' && typeof value === 'number') return String(value)
  if (claim === 'resource' && Array.isArray(value) && value.length === 1 && typeof value[0] === 'string') {
    return value[0]
  }
  if (claim === 'claims' || claim === 'authorization_details') return JSON.stringify(value)
  return undefined
}

function missing(claim: string, clause: string | undefined): AuthorizationFailure {
  return { reason: 'request_object_claim_missing', claim, ...(clause === undefined ? {} : { clause }) }
}

function malformed(claim: string): Result<never, AuthorizationFailure> {
  return fail({ reason: 'request_object_claim_malformed', claim })
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function mediaType(typ: string): string {
  const lower = typ.toLowerCase()
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower
}

/** RFC 9101 §10.8: the explicit type, and what was usual before it. */
const types = ['oauth-authz-req+jwt', 'jwt']

const claimsOfTheJwt: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'])

/** What we would act upon: of another type than text it must not be overlooked. */
const parametersAsText: ReadonlySet<string> = new Set([
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'nonce',
  'response_mode',
  'code_challenge',
  'code_challenge_method',
  'prompt',
  'max_age',
  'login_hint',
  'id_token_hint',
  'acr_values',
  'ui_locales',
  'resource',
  'dpop_jkt',
])

/** What no UTF-8 can hold, and so no answer could carry back. */
const lonelySurrogate = /[\ud800-\udfff]/u

/** Seconds. FAPI 1.0 Advanced §5.2.2 (13), (17): an hour from `nbf` to `exp`, and `nbf` no longer ago than that. */
const longest = 3_600
/** Seconds: 10 s ahead must be accepted, more than 60 s must not (FAPI 2.0 §5.3.2.1). */
const futureTolerance = 60
/** Seconds: clocks run apart, and the request took its time. */
const pastTolerance = 10
const maximumShown = 200
