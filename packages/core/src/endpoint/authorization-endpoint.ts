import { ok, type Result } from '@holdfast/x509'
import type { AuthorizationRequest } from '../authorization/authorization-request.ts'
import { consentDemand, consentedScope } from '../authorization/consent-demand.ts'
import { type LoggedIn, loginDemand } from '../authorization/login-demand.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import { parseCompactJws } from '../jose/compact-jws.ts'
import type { TokenDigest } from '../port/access-token-store.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { subjectIdentifier } from '../token/subject-identifier.ts'
import type {
  AuthorizationContext,
  AuthorizationEndpointPorts,
  AuthorizationSettings,
  Interaction,
} from './authorization-ports.ts'
import type {
  AuthorizationEndpoint,
  AuthorizationStep,
  ClientDisplay,
  LoginSession,
  PersonsDecision,
} from './authorization-step.ts'
import { giveAuthorization, refuseAuthorization } from './give-authorization.ts'
import { reach } from './reach.ts'
import { requestedAuthorization, requestingClient } from './requested-authorization.ts'

/**
 * The authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2): judges the request, finds out whether the person
 * must log in or be asked, and answers the client when that is done.
 *
 * An interaction is looked at as often as a page is opened, and used up when the authorization is finished; so is a
 * pushed request (FAPI 2.0 §5.3.2.2).
 */
export function createAuthorizationEndpoint(
  ports: AuthorizationEndpointPorts,
  settings: AuthorizationSettings,
): AuthorizationEndpoint {
  return {
    begin: async ({ parameters, session, correlationId }) => {
      const now = ports.clock.now()
      const at = { ports, settings, correlationId, now }
      if (!parameters.ok) return refuseAuthorization(at, parameters.failure, undefined, undefined)
      const clientId = parameters.value.get('client_id')
      const requested = await requestedAuthorization(parameters.value, ports, settings, now)
      if (!requested.ok) return refuseAuthorization(at, requested.failure.failure, requested.failure.target, clientId)
      const { client, pushed } = requested.value
      const hinted = await withHintedSubject(requested.value.request, at)
      if (!hinted.ok) return refuseAuthorization(at, hinted.failure, requested.value.request, clientId)
      const interaction: Interaction = {
        request: hinted.value,
        startedAt: now,
        ...(session === undefined ? {} : { before: { session: session.digest, time: session.authentication.time } }),
        ...(pushed === undefined ? {} : { pushed }),
      }
      return nextStep({ at, client, interaction, place: undefined, session, returned: 'no' })
    },

    resume: async (handle, session, decision, correlationId) => {
      const now = ports.clock.now()
      const at = { ports, settings, correlationId, now }
      const digest = ports.opaqueTokens.digest(handle.slice(0, maximumHandle))
      const found = await reach('interactions', () => ports.interactions.find(digest))
      if (!found.ok) return refuseAuthorization(at, found.failure, undefined, undefined)
      const interaction = found.value
      if (interaction === undefined) {
        return refuseAuthorization(at, { reason: 'interaction_unknown' }, undefined, undefined)
      }
      const { request } = interaction
      const client = await requestingClient(new Map([['client_id', request.clientId]]), ports)
      if (!client.ok) return refuseAuthorization(at, client.failure, undefined, request.clientId)
      const place = { handle, digest }
      return resumed({ at, client: client.value, interaction, place, session, returned: 'yes' }, decision)
    },
  }
}

/** Where one request stands. */
interface Standing {
  readonly at: AuthorizationContext
  readonly client: RegisteredClient
  readonly interaction: Interaction
  /** Where the interaction is kept; `undefined` as long as no page was needed. */
  readonly place: { readonly handle: string; readonly digest: TokenDigest } | undefined
  readonly session: LoginSession | undefined
  /** Whether the person was on a page of ours for it. */
  readonly returned: 'yes' | 'no'
}

async function resumed(standing: Standing, decision: PersonsDecision): Promise<AuthorizationStep> {
  const { at, client, interaction, place, session } = standing
  const { request } = interaction
  if (decision.kind === 'cancelled') {
    const by = session === undefined ? {} : { subject: session.subject }
    return giveAuthorization(at, client, interaction, place?.digest, { refused: { reason: 'person_refused', ...by } })
  }
  const seen = decision.kind === 'consented' && session !== undefined && interaction.asked === session.subject
  if (!seen) return nextStep(standing)
  const demand = loginDemand(
    request,
    loggedIn(session, client, at),
    interaction.startedAt,
    loginSince(standing),
    at.now,
  )
  if (demand.kind !== 'met') return nextStep(standing)
  const scope = consentedScope(request, decision.scope)
  return giveAuthorization(at, client, interaction, place?.digest, { session, scope })
}

/** A page, or the end. */
async function nextStep(standing: Standing): Promise<AuthorizationStep> {
  const { at, client, interaction, place, session } = standing
  const { request } = interaction
  const demand = loginDemand(
    request,
    loggedIn(session, client, at),
    interaction.startedAt,
    loginSince(standing),
    at.now,
  )
  const silent = request.prompt.includes('none')
  if (demand.kind === 'unmet' || (demand.kind === 'login' && silent)) {
    return giveAuthorization(at, client, interaction, place?.digest, { refused: demand.failure })
  }
  if (demand.kind === 'login' || session === undefined) {
    const { loginHint, uiLocales } = request
    return show(standing, interaction, (handle) => ({
      kind: 'login',
      interaction: handle,
      client: display(client, request.redirectUri),
      ...(loginHint === undefined ? {} : { loginHint }),
      forced: demand.kind === 'login' && demand.forced,
      acrValues: request.acrValues,
      essentialAcr: request.essentialAcr,
      uiLocales,
    }))
  }
  const consent = await mustBeAsked(standing, session.subject)
  if (!consent.ok) return refuseAuthorization(at, consent.failure, request, client.clientId)
  if (consent.value === 'go_on') {
    return giveAuthorization(at, client, interaction, place?.digest, { session, scope: request.scope })
  }
  if (silent)
    return giveAuthorization(at, client, interaction, place?.digest, { refused: { reason: 'consent_needed' } })
  return show(standing, { ...interaction, asked: session.subject }, (handle) => ({
    kind: 'consent',
    interaction: handle,
    client: display(client, request.redirectUri),
    scope: request.scope,
    audience: request.audience,
    authorizationDetails: request.authorizationDetails,
    claims: request.claims,
    subject: session.subject,
    uiLocales: request.uiLocales,
  }))
}

/** Whether there is another login than when the request came. */
function loginSince({ interaction: { before }, session, returned }: Standing): 'yes' | 'no' {
  if (returned === 'no' || session === undefined) return 'no'
  return before?.session === session.digest && before.time === session.authentication.time ? 'no' : 'yes'
}

/** Keeps the interaction behind a handle that a page can come back with. */
async function show(
  { at, client, place }: Standing,
  interaction: Interaction,
  step: (handle: string) => AuthorizationStep,
): Promise<AuthorizationStep> {
  const { interactions, opaqueTokens } = at.ports
  if (place !== undefined) {
    const replaced = await reach('interactions', () => interactions.replace(place.digest, interaction))
    if (!replaced.ok) return refuseAuthorization(at, replaced.failure, undefined, client.clientId)
    if (replaced.value) return step(place.handle)
    return refuseAuthorization(at, { reason: 'interaction_finished' }, undefined, client.clientId)
  }
  const { token, digest } = opaqueTokens.create()
  const until = at.now + at.settings.lifetimes.interaction
  const kept = await reach('interactions', () => interactions.keep(digest, interaction, until))
  return kept.ok ? step(token) : refuseAuthorization(at, kept.failure, interaction.request, client.clientId)
}

async function mustBeAsked(
  { at, client, interaction: { request } }: Standing,
  subject: string,
): Promise<Result<'ask' | 'go_on', Failure>> {
  const { authorization } = client
  if (authorization === undefined) return ok('ask')
  const kind = client.authentication.method === 'none' ? 'public' : 'confidential'
  if (authorization.consent !== 'remembered') return ok(consentDemand(request, authorization, kind, []))
  const remembered = await reach('authorizations', () =>
    at.ports.authorizations.ofSubject(subject, maximumRemembered, client.clientId),
  )
  if (!remembered.ok) return remembered
  const records = remembered.value.map(({ record }) => record)
  return ok(consentDemand(request, authorization, kind, records))
}

/** OpenID Connect Core §3.1.2.1: an ID token of ours, expired or not, says which person the client means. */
async function withHintedSubject(
  request: AuthorizationRequest,
  { ports, settings }: AuthorizationContext,
): Promise<Result<AuthorizationRequest, Failure>> {
  if (request.idTokenHint === undefined) return ok(request)
  const malformed: Result<never, Failure> = {
    ok: false,
    failure: { reason: 'parameter_malformed', parameter: 'id_token_hint' },
  }
  const jws = parseCompactJws(request.idTokenHint)
  if (!jws.ok) return malformed
  const { iss, sub } = jws.value.claims as Readonly<Record<'iss' | 'sub', unknown>>
  if (iss !== settings.issuer || typeof sub !== 'string' || jws.value.header.typ === 'at+jwt') return malformed
  const verified = await reach('verifier', () => ports.verifier.verify(jws.value))
  if (!verified.ok) return verified
  if (verified.value !== 'verified') return malformed
  if (request.expectedSubject !== undefined && request.expectedSubject !== sub) return malformed
  return ok({ ...request, expectedSubject: sub })
}

function loggedIn(
  session: LoginSession | undefined,
  client: RegisteredClient,
  { ports }: AuthorizationContext,
): LoggedIn | undefined {
  if (session === undefined) return undefined
  const { subject, authentication } = session
  return { subject: subjectIdentifier(subject, client, ports.pairwise), authentication }
}

function display({ clientId, clientName, authorization }: RegisteredClient, redirectUri: string): ClientDisplay {
  const { client, logo, policy, terms } = authorization?.pages ?? {}
  return {
    clientId,
    name: clientName,
    ...(client === undefined ? {} : { uri: client }),
    ...(logo === undefined ? {} : { logo }),
    ...(policy === undefined ? {} : { policy }),
    ...(terms === undefined ? {} : { terms }),
    redirectUri,
  }
}

/** What a person allowed this client before is looked through, the newest first. */
const maximumRemembered = 20
/** Longer than any handle of ours. */
const maximumHandle = 256
