import { fail, ok, type Result } from '@holdfast/x509'
import type { ResponseType } from '../client-registration/authorization-registration.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import { grantedAudience } from '../grant/granted-audience.ts'
import { grantedScope } from '../grant/granted-scope.ts'
import type { AuthorizationDetail, ClaimsRequest } from '../port/authorization-store.ts'
import type { AuthorizationFailure } from '../protocol-error/authorization-failure.ts'
import type { GrantFailure, RequestFailure } from '../protocol-error/failure.ts'
import { authorizationDetails, type AuthorizationDetailsType } from './authorization-details.ts'
import type { AuthorizationRules } from './authorization-rules.ts'
import { claimsRequest, askedValues, requestedSubject } from './claims-request.ts'
import { codeChallenge } from './code-challenge.ts'
import { type Prompt, prompt } from './prompt.ts'
import { redirectUri } from './redirect-uri.ts'
import { type ResponseMode, responseMode, responseModeOfErrors } from './response-mode.ts'
import { responseType } from './response-type.ts'

/** A request that may be put before a person: everything about it is checked. Plain JSON. */
export interface AuthorizationRequest extends ResponseTarget {
  readonly responseType: ResponseType
  /** Whether `redirect_uri` was sent: then the token request must repeat it (RFC 6749 §4.1.3). */
  readonly redirectUriSent: boolean
  readonly scope: readonly string[]
  readonly audience: readonly string[]
  readonly nonce?: string
  readonly codeChallenge?: string
  readonly dpopKeyThumbprint?: string
  readonly prompt: readonly Prompt[]
  /** Seconds. */
  readonly maxAge?: number
  readonly loginHint?: string
  /** Still to be verified: whose ID token this is must be who is logged in. */
  readonly idTokenHint?: string
  /** As the client knows the person. */
  readonly expectedSubject?: string
  readonly acrValues: readonly string[]
  /** Without one of these the client gets nothing. */
  readonly essentialAcr: readonly string[]
  readonly uiLocales: readonly string[]
  readonly claims?: ClaimsRequest
  readonly authorizationDetails: readonly AuthorizationDetail[]
}

/** Where and how an answer is given, success or error. */
export interface ResponseTarget {
  readonly clientId: string
  readonly redirectUri: string
  readonly responseMode: ResponseMode
  readonly state?: string
}

/** What the request is judged by. */
export interface AuthorizationRequestSettings {
  readonly rules: AuthorizationRules
  readonly defaultAudience: readonly string[]
  readonly authorizationDetails: ReadonlyMap<string, AuthorizationDetailsType>
}

/**
 * Decides where an answer may go, before anything else is looked at: whoever fails here is told on our own page.
 *
 * RFC 6749 §4.1.2.1, RFC 9700 §4.11.
 */
export function responseTarget(
  parameters: ReadonlyMap<string, string>,
  client: RegisteredClient,
  rules: AuthorizationRules,
): Result<ResponseTarget, AuthorizationFailure | RequestFailure> {
  const { authorization } = client
  if (authorization === undefined || !client.grantTypes.includes('authorization_code')) {
    return fail({ reason: 'authorization_not_registered', registered: client.grantTypes })
  }
  const uri = redirectUri(parameters.get('redirect_uri'), authorization, rules)
  if (!uri.ok) return uri
  const state = parameters.get('state')
  if (state !== undefined && state.length > maximumEchoed) return malformed('state')
  return ok({
    clientId: client.clientId,
    redirectUri: uri.value,
    responseMode: responseModeOfErrors(parameters.get('response_mode'), parameters.get('response_type')),
    ...(state === undefined ? {} : { state }),
  })
}

/**
 * Decides whether a request may be put before a person; its failures are told to the client at `target`.
 *
 * RFC 6749 §4.1.1, OpenID Connect Core §3.1.2, RFC 8707 §2.1, RFC 9396 §3. `sent` says whether an authenticated client
 * pushed it.
 */
export function authorizationRequest(
  parameters: ReadonlyMap<string, string>,
  client: RegisteredClient,
  target: ResponseTarget,
  sent: 'pushed' | 'by_browser',
  settings: AuthorizationRequestSettings,
): Result<AuthorizationRequest, AuthorizationFailure | GrantFailure | RequestFailure> {
  const { rules } = settings
  const { authorization } = client
  if (authorization === undefined) {
    return fail({ reason: 'authorization_not_registered', registered: client.grantTypes })
  }
  if (parameters.has('registration')) return fail({ reason: 'registration_parameter_unsupported' })
  const type = responseType(parameters.get('response_type'), authorization.responseTypes, rules)
  if (!type.ok) return type
  const mode = responseMode(parameters.get('response_mode'), type.value, rules)
  if (!mode.ok) return mode
  const scope = requestedScope(parameters.get('scope'), client.scope)
  if (!scope.ok) return scope
  const nonce = parameters.get('nonce')
  if (nonce !== undefined && nonce.length > maximumEchoed) return malformed('nonce')
  if (type.value === 'code id_token') {
    if (!scope.value.includes('openid')) return fail({ reason: 'openid_scope_missing', responseType: type.value })
    if (nonce === undefined) return fail({ reason: 'parameter_missing', parameter: 'nonce' })
  }
  const challenge = codeChallenge(
    parameters,
    {
      client: client.authentication.method === 'none' ? 'public' : 'confidential',
      nonce,
      sent,
      registered: authorization.codeChallenges,
    },
    rules,
  )
  if (!challenge.ok) return challenge
  const audience = grantedAudience(parameters.get('resource'), client.resource, settings.defaultAudience)
  if (!audience.ok) return audience
  const details = authorizationDetails(
    parameters.get('authorization_details'),
    settings.authorizationDetails,
    authorization.authorizationDetailsTypes,
  )
  if (!details.ok) return details
  const wishes = personsWishes(parameters, client)
  if (!wishes.ok) return wishes
  const dpopKeyThumbprint = parameters.get('dpop_jkt')
  if (dpopKeyThumbprint !== undefined && !thumbprint.test(dpopKeyThumbprint)) return malformed('dpop_jkt')
  return ok({
    ...target,
    responseMode: mode.value,
    responseType: type.value,
    redirectUriSent: parameters.has('redirect_uri'),
    scope: scope.value,
    audience: audience.value,
    ...(nonce === undefined ? {} : { nonce }),
    ...(challenge.value === undefined ? {} : { codeChallenge: challenge.value }),
    ...(dpopKeyThumbprint === undefined ? {} : { dpopKeyThumbprint }),
    authorizationDetails: details.value,
    ...wishes.value,
  })
}

/** What concerns the person and the login (OpenID Connect Core §3.1.2.1, §5.5). */
function personsWishes(
  parameters: ReadonlyMap<string, string>,
  { authorization }: RegisteredClient,
): Result<
  Pick<
    AuthorizationRequest,
    | 'prompt'
    | 'maxAge'
    | 'loginHint'
    | 'idTokenHint'
    | 'expectedSubject'
    | 'acrValues'
    | 'essentialAcr'
    | 'uiLocales'
    | 'claims'
  >,
  AuthorizationFailure | RequestFailure
> {
  const prompts = prompt(parameters.get('prompt'))
  if (!prompts.ok) return prompts
  const age = parameters.get('max_age')
  if (age !== undefined && !/^[0-9]{1,9}$/.test(age)) return malformed('max_age')
  const maxAge = age === undefined ? authorization?.defaultMaxAge : Number(age)
  const claims = claimsRequest(parameters.get('claims'))
  if (!claims.ok) return claims
  const loginHint = parameters.get('login_hint')
  const idTokenHint = parameters.get('id_token_hint')
  const expectedSubject = requestedSubject(claims.value)
  const acrValues = words(parameters.get('acr_values'))
  const wished = acrValues.length > 0 ? acrValues : askedValues(claims.value, 'acr', 'voluntary')
  return ok({
    prompt: prompts.value,
    ...(maxAge === undefined ? {} : { maxAge }),
    ...(loginHint === undefined ? {} : { loginHint: loginHint.slice(0, maximumHint) }),
    ...(idTokenHint === undefined ? {} : { idTokenHint }),
    ...(expectedSubject === undefined ? {} : { expectedSubject }),
    acrValues: wished.length > 0 ? wished : (authorization?.defaultAcrValues ?? []),
    essentialAcr: askedValues(claims.value, 'acr', 'essential'),
    uiLocales: words(parameters.get('ui_locales')),
    ...(claims.value === undefined ? {} : { claims: claims.value }),
  })
}

/** Without `scope`: all that is registered, but `openid` and `offline_access` must be asked for by name (OpenID Connect Core §3.1.2.1, §11). */
function requestedScope(
  presented: string | undefined,
  registered: readonly string[],
): Result<readonly string[], GrantFailure> {
  if (presented !== undefined) return grantedScope(presented, registered)
  return ok(registered.filter((one) => one !== 'openid' && one !== 'offline_access'))
}

function words(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [...new Set(text.split(' ').filter((word) => word !== ''))].slice(0, maximumWords)
}

function malformed(parameter: string): Result<never, RequestFailure> {
  return fail({ reason: 'parameter_malformed', parameter })
}

/** RFC 7638: SHA-256 in base64url. */
const thumbprint = /^[A-Za-z0-9_-]{43}$/

/** Characters of `state` and `nonce`, which come back unchanged or not at all; FAPI's suite sends 384. */
const maximumEchoed = 2_048
const maximumHint = 200
const maximumWords = 20
