import { fail, ok, type Result } from '@holdfast/x509'
import { authenticationFor } from '../authorization/authentication-context.ts'
import type { AuthorizationRequest, ResponseTarget } from '../authorization/authorization-request.ts'
import { authorizationRules } from '../authorization/authorization-rules.ts'
import { authorizationResponse, responseClaims, responseParameters } from '../authorization/authorization-response.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { TokenDigest } from '../port/access-token-store.ts'
import type { AuthorizationCodeRecord } from '../port/authorization-code-store.ts'
import type { AuthorizationRecord } from '../port/authorization-store.ts'
import { sentence } from '../protocol-error/error-response.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { wireErrors } from '../protocol-error/wire-errors.ts'
import { idTokenClaims } from '../token/id-token.ts'
import { subjectIdentifier } from '../token/subject-identifier.ts'
import type { AuthorizationContext, Interaction } from './authorization-ports.ts'
import type { AuthorizationStep, LoginSession } from './authorization-step.ts'
import { encryptedAnswer } from './encrypted-answer.ts'
import { reach } from './reach.ts'

/** How it ended: the person allowed this, or there is an error to be told. */
export type Outcome = Allowed | { readonly refused: Failure }

interface Allowed {
  readonly session: LoginSession
  readonly scope: readonly string[]
}

/**
 * Finishes an authorization: uses up the interaction and the pushed request, keeps what the person allowed, and answers the
 * client with a code, or with an error.
 *
 * RFC 6749 §4.1.2. Of several windows with the same interaction exactly one gets this far.
 */
export async function giveAuthorization(
  at: AuthorizationContext,
  client: RegisteredClient,
  interaction: Interaction,
  place: TokenDigest | undefined,
  outcome: Outcome,
): Promise<AuthorizationStep> {
  const { request } = interaction
  if ('refused' in outcome) {
    const used = await useUp(at, interaction, place)
    return used.ok
      ? refuseAuthorization(at, outcome.refused, request, client.clientId)
      : refuseAuthorization(at, used.failure, undefined, client.clientId)
  }
  const given = await give(at, client, interaction, place, outcome)
  if (given.ok) return answer(at, request, given.value)
  const target = usedUp.has(given.failure.reason) ? undefined : request
  return refuseAuthorization(at, given.failure, target, client.clientId)
}

/**
 * Writes a refusal down and tells it: to the client at `target`, without one to the person only.
 *
 * RFC 6749 §4.1.2.1. What cannot be written down is told as an outage.
 */
export async function refuseAuthorization(
  at: AuthorizationContext,
  failure: Failure,
  target: ResponseTarget | undefined,
  clientId: string | undefined,
): Promise<AuthorizationStep> {
  const { correlationId, now, ports } = at
  const recorded = await reach('audit', () =>
    ports.audit.record({
      correlationId,
      at: now,
      clientId: clientId?.slice(0, maximumShown),
      certificateThumbprint: undefined,
      event: 'request_refused',
      endpoint: 'authorization',
      failure,
    }),
  )
  const told = recorded.ok ? failure : recorded.failure
  if (target === undefined) return { kind: 'error', failure: told, correlationId }
  const { code = 'server_error', description } = wireErrors[told.reason]
  return answer(at, target, { error: code, error_description: sentence(description, correlationId) })
}

async function useUp(
  { ports }: AuthorizationContext,
  { pushed }: Interaction,
  place: TokenDigest | undefined,
): Promise<Result<void, Failure>> {
  if (place !== undefined) {
    const taken = await reach('interactions', () => ports.interactions.take(place))
    if (!taken.ok) return taken
    if (taken.value === undefined) return fail({ reason: 'interaction_finished' })
  }
  if (pushed === undefined) return ok(undefined)
  const taken = await reach('pushed_requests', () => ports.pushedRequests.take(pushed))
  if (!taken.ok) return taken
  return taken.value === undefined ? fail({ reason: 'request_uri_unknown' }) : ok(undefined)
}

/** Keeps the authorization with its code, then writes it down. Answers the parameters for the client. */
async function give(
  at: AuthorizationContext,
  client: RegisteredClient,
  { request, pushed }: Interaction,
  place: TokenDigest | undefined,
  { session, scope }: Allowed,
): Promise<Result<Readonly<Record<string, string>>, Failure>> {
  const { ports, settings, now } = at
  const authorizationId = ports.random.identifier()
  const record: AuthorizationRecord = {
    clientId: client.clientId,
    subject: session.subject,
    sessionId: session.sessionId,
    scope,
    audience: request.audience,
    ...(request.authorizationDetails.length === 0 ? {} : { authorizationDetails: request.authorizationDetails }),
    ...(request.claims === undefined ? {} : { claims: request.claims }),
    authentication: authenticationFor(request, session.authentication),
    createdAt: now,
    expiresAt: now + settings.lifetimes.authorization,
  }
  const { token: code, digest } = ports.opaqueTokens.create()
  const codeRecord: AuthorizationCodeRecord = {
    clientId: client.clientId,
    authorizationId,
    ...(request.redirectUriSent ? { redirectUri: request.redirectUri } : {}),
    ...(request.codeChallenge === undefined ? {} : { codeChallenge: request.codeChallenge }),
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    ...(request.dpopKeyThumbprint === undefined ? {} : { dpopKeyThumbprint: request.dpopKeyThumbprint }),
    issuedAt: now,
    expiresAt: now + Math.min(settings.lifetimes.code, authorizationRules(settings.profile, client).longestCode),
  }
  const given = await reach('authorizations', () =>
    ports.authorizations.give({
      id: authorizationId,
      record,
      code: { digest, record: codeRecord },
      uses: [
        ...(place === undefined ? [] : [{ purpose: 'interaction' as const, digest: place }]),
        ...(pushed === undefined ? [] : [{ purpose: 'pushed_request' as const, digest: pushed }]),
      ],
      ...(scope.includes('openid') ? { session: session.sessionId } : {}),
    }),
  )
  if (!given.ok) return given
  if (given.value.outcome === 'used_up') {
    return fail({ reason: given.value.purpose === 'interaction' ? 'interaction_finished' : 'request_uri_unknown' })
  }
  const idToken = await frontIdToken(at, client, request, session, code)
  if (!idToken.ok) return idToken
  const recorded = await reach('audit', () =>
    ports.audit.record({
      correlationId: at.correlationId,
      at: now,
      clientId: client.clientId,
      certificateThumbprint: undefined,
      event: 'authorization_granted',
      authorizationId,
      subject: session.subject,
      scope,
      audience: request.audience,
      responseType: request.responseType,
    }),
  )
  return recorded.ok ? ok({ code, ...idToken.value }) : recorded
}

/**
 * The ID token that goes through the browser as a signature over the answer: with `c_hash` and `s_hash`, without anything
 * about the person but the identifier (OpenID Connect Core §3.3.2.11, FAPI 1.0 Advanced §5.1, §5.2.2).
 */
async function frontIdToken(
  at: AuthorizationContext,
  client: RegisteredClient,
  request: AuthorizationRequest,
  session: LoginSession,
  code: string,
): Promise<Result<Readonly<Record<string, string>>, Failure>> {
  if (request.responseType === 'code') return ok({})
  const { ports, settings, now } = at
  const claims = idTokenClaims(
    {
      issuer: settings.issuer,
      clientId: client.clientId,
      subject: subjectIdentifier(session.subject, client, ports.pairwise),
      issuedAt: now,
      lifetime: settings.lifetimes.idToken,
      nonce: request.nonce,
      authentication: authenticationFor(request, session.authentication),
      sessionId: session.sessionId,
      claims: {},
      boundTo: { code, ...(request.state === undefined ? {} : { state: request.state }) },
    },
    settings.signingAlgorithm,
    ports.hash,
  )
  const signed = await sign(at, claims)
  const idToken = signed.ok ? await encryptedAnswer(signed.value, client, 'idToken', ports) : signed
  return idToken.ok ? ok({ id_token: idToken.value }) : idToken
}

/** Puts parameters on their way to the client, signed where the request asked for it. */
async function answer(
  at: AuthorizationContext,
  target: ResponseTarget,
  parameters: Readonly<Record<string, string>>,
): Promise<AuthorizationStep> {
  const { issuer } = at.settings
  if (target.responseMode.form === 'plain') {
    return authorizationResponse(target, responseParameters(parameters, target, issuer))
  }
  const signed = await sign(at, responseClaims(parameters, target, issuer, at.now))
  const response = signed.ok ? await forClient(signed.value, target.clientId, at) : signed
  return response.ok
    ? authorizationResponse(target, { response: response.value })
    : { kind: 'error', failure: response.failure, correlationId: at.correlationId }
}

/** A signed answer, encrypted where the client registered that (JARM §2.2). */
async function forClient(
  jwt: string,
  clientId: string,
  { ports }: AuthorizationContext,
): Promise<Result<string, Failure>> {
  const client = await reach('clients', () => ports.clients.find(clientId))
  if (!client.ok) return client
  if (client.value === undefined) return fail({ reason: 'client_unknown', clientId })
  return encryptedAnswer(jwt, client.value, 'authorizationResponse', ports)
}

async function sign({ ports }: AuthorizationContext, claims: object): Promise<Result<string, Failure>> {
  try {
    return ok(await ports.signer.sign('JWT', JSON.stringify(claims)))
  } catch (cause) {
    return fail({ reason: 'signing_unavailable', cause })
  }
}

/** Told to the person only: the client got its answer. */
const usedUp: ReadonlySet<Failure['reason']> = new Set(['interaction_finished', 'request_uri_unknown'])

const maximumShown = 256
