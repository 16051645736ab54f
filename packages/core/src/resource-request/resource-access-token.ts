import { fail, ok, type Result } from '@holdfast/x509'
import type { ResourceRequestFailure } from '../protocol-error/failure.ts'
import type { VerifiedToken } from '../token/verified-token.ts'
import type { ResourcePolicy } from './resource-policy.ts'

/** The claims of an access token in their types; whatever else the token says is in `claims`. Times in epoch seconds. */
export interface ResourceAccessToken {
  readonly clientId: string | undefined
  readonly subject: string | undefined
  readonly scope: readonly string[]
  readonly audience: readonly string[]
  readonly expiresAt: number
  readonly notBefore: number | undefined
  readonly jti: string | undefined
  /** `cnf` as it stands; `undefined` for a bearer token. */
  readonly confirmation: Readonly<Record<string, unknown>> | undefined
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * Judges of a verified token what does not change from request to request: type, issuer, audience, and the form of the rest.
 *
 * RFC 9068 §4, RFC 7662 §2.2. The result may be kept as long as the issuer's key is trusted; time, scope and binding are
 * judged at every request by decide-resource-request.ts.
 */
export function resourceAccessToken(
  token: VerifiedToken,
  policy: ResourcePolicy,
): Result<ResourceAccessToken, ResourceRequestFailure> {
  const { claims } = token
  if (token.kind === 'jwt') {
    const typ = token.typ === undefined ? undefined : mediaType(token.typ)
    if (typ === undefined || !policy.types.includes(typ)) {
      return fail({ reason: 'token_type_mismatch', presented: token.typ, expected: policy.types })
    }
  } else if (claims['active'] !== true) return fail({ reason: 'token_inactive' })

  const {
    iss,
    aud,
    exp,
    nbf,
    scope,
    cnf,
    sub,
    client_id: clientId,
    jti,
  } = claims as Readonly<
    Partial<Record<'iss' | 'aud' | 'exp' | 'nbf' | 'scope' | 'cnf' | 'sub' | 'client_id' | 'jti', unknown>>
  >
  if (iss === undefined) {
    if (token.kind === 'jwt') return fail({ reason: 'token_claim_missing', claim: 'iss' })
  } else {
    if (typeof iss !== 'string') return malformed('iss')
    if (iss !== policy.issuer) return fail({ reason: 'token_issuer_mismatch', presented: iss, expected: policy.issuer })
  }
  if (aud === undefined) return fail({ reason: 'token_claim_missing', claim: 'aud' })
  const audience = typeof aud === 'string' ? [aud] : aud
  if (!isTextList(audience)) return malformed('aud')
  if (!audience.some((one) => policy.audience.includes(one))) {
    return fail({ reason: 'token_audience_mismatch', presented: audience.slice(0, 10), expected: policy.audience })
  }
  if (exp === undefined) return fail({ reason: 'token_claim_missing', claim: 'exp' })
  if (!isTime(exp)) return malformed('exp')
  if (nbf !== undefined && !isTime(nbf)) return malformed('nbf')
  if (scope !== undefined && typeof scope !== 'string') return malformed('scope')
  if (cnf !== undefined && !isObject(cnf)) return malformed('cnf')
  if (!isOptionalText(sub)) return malformed('sub')
  if (!isOptionalText(clientId)) return malformed('client_id')
  if (!isOptionalText(jti)) return malformed('jti')
  return ok({
    clientId,
    subject: sub,
    scope: scope === undefined || scope === '' ? [] : scope.split(' '),
    audience,
    expiresAt: exp,
    notBefore: nbf,
    jti,
    confirmation: cnf,
    claims,
  })
}

function malformed(claim: string): Result<never, ResourceRequestFailure> {
  return fail({ reason: 'token_claim_malformed', claim })
}

function mediaType(typ: string): string {
  const lower = typ.toLowerCase()
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}
