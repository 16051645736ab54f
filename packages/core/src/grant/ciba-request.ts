import { fail, ok, type Result } from '@holdfast/x509'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import { parseScope } from '../client-registration/scope.ts'
import type { CompactJws } from '../jose/compact-jws.ts'
import type { DelegatedGrantFailure } from '../protocol-error/delegated-grant-failure.ts'
import type { GrantFailure, RequestFailure } from '../protocol-error/failure.ts'
import { grantedAudience } from './granted-audience.ts'
import { grantedScope } from './granted-scope.ts'

/** What a client asks for by CIBA; whom it means is still a hint. */
export interface CibaRequest {
  readonly scope: readonly string[]
  readonly audience: readonly string[]
  readonly hint: { readonly kind: 'login_hint' | 'id_token_hint'; readonly value: string }
  readonly bindingMessage: string | undefined
  readonly acrValues: readonly string[]
  /** Seconds. */
  readonly lifetime: number
  /** For ping. */
  readonly notificationToken: string | undefined
}

/**
 * Judges the parameters of an authentication request (OpenID CIBA §7.1).
 *
 * A `login_hint_token` is of no use here, since nobody is trusted to make one.
 */
export function cibaRequest(
  parameters: ReadonlyMap<string, string>,
  client: Pick<RegisteredClient, 'scope' | 'resource' | 'delegation'>,
  defaults: { readonly audience: readonly string[]; readonly lifetime: number },
): Result<CibaRequest, DelegatedGrantFailure | GrantFailure | RequestFailure> {
  const scope = openidScope(parameters.get('scope'), client.scope)
  if (!scope.ok) return scope
  const audience = grantedAudience(parameters.get('resource'), client.resource, defaults.audience)
  if (!audience.ok) return audience
  const hints = (['login_hint', 'id_token_hint', 'login_hint_token'] as const).filter((one) => parameters.has(one))
  const [kind] = hints
  if (kind === undefined) return fail({ reason: 'login_hint_refused', problem: 'none' })
  if (hints.length > 1) return fail({ reason: 'login_hint_refused', problem: 'several' })
  if (kind === 'login_hint_token') return fail({ reason: 'login_hint_refused', problem: 'unusable' })
  const bindingMessage = parameters.get('binding_message')
  if (bindingMessage !== undefined && !shownMessage.test(bindingMessage)) {
    return fail({ reason: 'binding_message_refused', limit: maximumMessage })
  }
  const lifetime = expiry(parameters.get('requested_expiry'), defaults.lifetime)
  if (lifetime === undefined) return fail({ reason: 'parameter_malformed', parameter: 'requested_expiry' })
  const notificationToken = parameters.get('client_notification_token')
  if (client.delegation?.ciba?.delivery.mode === 'ping') {
    if (notificationToken === undefined) {
      return fail({ reason: 'parameter_missing', parameter: 'client_notification_token' })
    }
    if (!bearerForm.test(notificationToken)) {
      return fail({ reason: 'parameter_malformed', parameter: 'client_notification_token' })
    }
  }
  return ok({
    scope: scope.value,
    audience: audience.value,
    hint: { kind, value: parameters.get(kind) ?? '' },
    bindingMessage,
    acrValues: parameters.get('acr_values')?.split(' ').slice(0, maximumAcrValues) ?? [],
    lifetime,
    notificationToken,
  })
}

/**
 * The parameters of a signed authentication request (OpenID CIBA §7.1.1): all of them stand inside, and nothing outside counts
 * but who is asking. The signature is checked elsewhere.
 */
export function signedCibaParameters(
  jws: CompactJws,
  clientId: string,
  issuer: string,
  now: number,
): Result<
  { readonly parameters: ReadonlyMap<string, string>; readonly jti: string; readonly exp: number },
  DelegatedGrantFailure
> {
  const refused = (problem: string): Result<never, DelegatedGrantFailure> =>
    fail({ reason: 'signed_request_refused', problem })
  const { iss, aud, exp, iat, nbf, jti } = jws.claims as Readonly<
    Partial<Record<'iss' | 'aud' | 'exp' | 'iat' | 'nbf' | 'jti', unknown>>
  >
  if (iss !== clientId) return refused('iss_is_not_the_client')
  if (aud !== issuer && !(Array.isArray(aud) && aud.includes(issuer))) return refused('aud_is_not_the_issuer')
  if (typeof exp !== 'number' || typeof iat !== 'number' || typeof nbf !== 'number') return refused('times_missing')
  if (typeof jti !== 'string' || jti === '' || jti.length > maximumIdentifier) return refused('jti_missing')
  if (exp <= now - pastTolerance) return refused('expired')
  if (exp - nbf > maximumLifetime) return refused('lifetime_too_long')
  if (nbf > now + futureTolerance || iat > now + futureTolerance) return refused('not_yet_valid')
  const parameters = new Map<string, string>()
  for (const [name, value] of Object.entries(jws.claims)) {
    if (claimsOfTheJwt.has(name)) continue
    if (name === 'request' || name.startsWith('client_assertion')) return refused('parameter_not_allowed_inside')
    if (typeof value === 'string') parameters.set(name, value)
    else if (typeof value === 'number' && name === 'requested_expiry') parameters.set(name, String(value))
    else return refused('parameter_not_text')
  }
  return ok({ parameters, jti, exp: Math.ceil(exp) + pastTolerance })
}

function openidScope(
  requested: string | undefined,
  registered: readonly string[],
): Result<readonly string[], GrantFailure | RequestFailure> {
  if (requested === undefined) return fail({ reason: 'parameter_missing', parameter: 'scope' })
  const parsed = parseScope(requested)
  if (!parsed.ok) return parsed
  return parsed.value.includes('openid')
    ? grantedScope(requested, registered)
    : fail({ reason: 'scope_not_registered', refused: ['(openid is missing)'], registered })
}

function expiry(requested: string | undefined, most: number): number | undefined {
  if (requested === undefined) return most
  return /^[1-9][0-9]{0,8}$/.test(requested) ? Math.min(Number(requested), most) : undefined
}

const claimsOfTheJwt: ReadonlySet<string> = new Set(['iss', 'aud', 'exp', 'iat', 'nbf', 'jti'])

/** Shown on two small displays, and compared by a person. */
const maximumMessage = 64
const shownMessage = /^[^\p{C}\p{Zl}\p{Zp}]{1,64}$/u
/** RFC 6750 §2.1; at most 1024 characters, at least 128 bits (OpenID CIBA §7.1). */
const bearerForm = /^[A-Za-z0-9._~+/-]{22,1024}=*$/
const maximumAcrValues = 10
const maximumIdentifier = 256
/** Seconds, as of client assertions. */
const futureTolerance = 60
const pastTolerance = 10
/** Seconds. OpenID FAPI-CIBA §5.2.2: at most an hour. */
const maximumLifetime = 3_600
