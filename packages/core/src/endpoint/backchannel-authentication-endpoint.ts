import { fail, ok, type Result } from '@holdfast/x509'
import { authorizationRules } from '../authorization/authorization-rules.ts'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { SecurityProfile } from '../client-registration/security-profile.ts'
import { type CibaRequest, cibaRequest, signedCibaParameters } from '../grant/ciba-request.ts'
import { parseCompactJws } from '../jose/compact-jws.ts'
import { isJwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { AccessTokenVerifier } from '../port/access-token-verifier.ts'
import type {
  DecoupledAuthorizationRecord,
  DecoupledAuthorizationStore,
} from '../port/decoupled-authorization-store.ts'
import type { PersonClaims } from '../port/person-claims.ts'
import type { PersonHints } from '../port/person-hints.ts'
import type { OpaqueTokens } from '../port/random.ts'
import type { Answer } from '../protocol-error/answer.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { clientSignature } from './client-signature.ts'
import { createDecoupledEndpoint, type Requested } from './decoupled-endpoint.ts'
import type { BackChannelEndpoint } from './endpoint.ts'
import type { FormParameters } from './form-parameters.ts'
import type { ClientAuthenticationPorts } from './ports.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'

export interface BackchannelAuthenticationPorts extends ClientAuthenticationPorts {
  readonly opaqueTokens: OpaqueTokens
  readonly decoupled: DecoupledAuthorizationStore
  readonly verifier: AccessTokenVerifier
  readonly people: PersonClaims
  readonly hints: PersonHints
}

export interface BackchannelAuthenticationSettings {
  /** Seconds that a person has at most. */
  readonly authenticationRequestLifetime: number
  /** Seconds between two polls. */
  readonly pollInterval: number
  /** Of clients that have none for themselves. Those that sign requests for authorizations sign these, too (FAPI-CIBA §5.2.2). */
  readonly profile: SecurityProfile
}

/** The backchannel authentication endpoint (OpenID CIBA §7): a client asks a person whom it names. */
export function createBackchannelAuthenticationEndpoint(
  ports: BackchannelAuthenticationPorts,
  settings: BackchannelAuthenticationSettings & AuthorizationServerSettings,
): BackChannelEndpoint {
  return createDecoupledEndpoint('backchannel_authentication', ports, settings, (form, client, now) =>
    ask(form, client, ports, settings, now),
  )
}

async function ask(
  form: FormParameters,
  authenticated: AuthenticatedClient,
  ports: BackchannelAuthenticationPorts,
  settings: BackchannelAuthenticationSettings & AuthorizationServerSettings,
  now: number,
): Promise<Result<Requested, Failure>> {
  const { client, method } = authenticated
  if (method === 'none') return fail({ reason: 'client_not_confidential' })
  const ciba = client.delegation?.ciba
  if (ciba === undefined) {
    return fail({ reason: 'grant_type_not_registered', presented: cibaGrant, registered: client.grantTypes })
  }
  const parameters = await askedParameters(form, authenticated, ports, settings, now)
  if (!parameters.ok) return parameters
  const asked = cibaRequest(parameters.value, client, {
    audience: settings.accessToken.audience,
    lifetime: settings.authenticationRequestLifetime,
  })
  if (!asked.ok) return asked
  const subject = await personMeant(asked.value, ports, settings.issuer)
  if (!subject.ok) return subject
  const { scope, audience, bindingMessage, acrValues, lifetime, notificationToken: token } = asked.value
  const { token: authReqId, digest } = ports.opaqueTokens.create()
  const record: DecoupledAuthorizationRecord = {
    kind: 'ciba',
    clientId: client.clientId,
    scope,
    audience,
    subject: subject.value,
    ...(bindingMessage === undefined ? undefined : { bindingMessage }),
    ...(ciba.delivery.mode === 'poll' || token === undefined
      ? undefined
      : { notification: { endpoint: ciba.delivery.endpoint, token, authReqId } }),
    ...(acrValues.length === 0 ? undefined : { acrValues }),
    interval: settings.pollInterval,
    issuedAt: now,
    expiresAt: now + lifetime,
  }
  const kept = await reach('decoupled', () => ports.decoupled.request(digest, record))
  if (!kept.ok) return kept
  const body = { auth_req_id: authReqId, expires_in: lifetime, interval: settings.pollInterval }
  return ok({ record, answer: { status: 200, headers: neverCached, body: JSON.stringify(body) } })
}

/** Out of the signed request where there is one, or must be one; nothing beside it counts then. */
async function askedParameters(
  form: FormParameters,
  { client }: AuthenticatedClient,
  ports: BackchannelAuthenticationPorts,
  settings: BackchannelAuthenticationSettings & AuthorizationServerSettings,
  now: number,
): Promise<Result<ReadonlyMap<string, string>, Failure>> {
  const text = form.get('request')
  const { requestAlgorithm, keys } = client.delegation?.ciba ?? {}
  const { signedRequests, requestAlgorithms } = authorizationRules(settings.profile, client)
  if (text === undefined) {
    return signedRequests === 'required' || requestAlgorithm !== undefined
      ? fail({ reason: 'signed_request_refused', problem: 'missing' })
      : ok(form)
  }
  const jws = parseCompactJws(text)
  if (!jws.ok) return fail({ reason: 'signed_request_refused', problem: 'malformed' })
  const { alg } = jws.value.header
  if (keys === undefined || !isJwsAlgorithm(alg) || (requestAlgorithm !== undefined && alg !== requestAlgorithm)) {
    return fail({ reason: 'signed_request_refused', problem: 'algorithm_not_registered' })
  }
  if (!requestAlgorithms.includes(alg)) {
    return fail({ reason: 'signed_request_refused', problem: 'algorithm_not_allowed_by_profile' })
  }
  const inside = signedCibaParameters(jws.value, client.clientId, settings.issuer, now)
  if (!inside.ok) return inside
  const signature = await clientSignature(jws.value, alg, keys, ports)
  if (!signature.ok) return signature
  if (signature.value !== 'verified') return fail({ reason: 'signed_request_refused', problem: signature.value })
  const { parameters, jti, exp } = inside.value
  const use = await reach('replays', () => ports.replays.take(`ciba_request:${client.clientId}`, jti, exp))
  if (!use.ok) return use
  if (use.value === 'full') return fail({ reason: 'replay_memory_full' })
  return use.value === 'first' ? ok(parameters) : fail({ reason: 'signed_request_refused', problem: 'replayed' })
}

/** An ID token of ours that is expired still says whom it was about (OpenID CIBA §7.1). */
async function personMeant(
  { hint }: CibaRequest,
  ports: BackchannelAuthenticationPorts,
  issuer: string,
): Promise<Result<string, Failure>> {
  let meant: string | undefined
  if (hint.kind === 'login_hint') {
    const found = await reach('people', () => ports.hints.subjectOf(hint.value))
    if (!found.ok) return found
    meant = found.value
  } else {
    const jws = parseCompactJws(hint.value)
    if (!jws.ok) return fail({ reason: 'login_hint_refused', problem: 'unusable' })
    const signature = await reach('token_keys', () => ports.verifier.verify(jws.value))
    if (!signature.ok) return signature
    const { iss, sub } = jws.value.claims as Readonly<Partial<Record<'iss' | 'sub', unknown>>>
    if (signature.value !== 'verified' || iss !== issuer || typeof sub !== 'string') {
      return fail({ reason: 'login_hint_refused', problem: 'unusable' })
    }
    meant = sub
  }
  const subject = meant
  if (subject === undefined) return fail({ reason: 'person_unknown' })
  const person = await reach('people', () => ports.people.claimsOf(subject))
  if (!person.ok) return person
  return person.value === undefined ? fail({ reason: 'person_unknown' }) : ok(subject)
}

const cibaGrant = 'urn:openid:params:grant-type:ciba'

const neverCached: Answer['headers'] = Object.freeze({
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
})
