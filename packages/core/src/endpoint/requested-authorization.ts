import { fail, ok, type Result } from '@holdfast/x509'
import {
  type AuthorizationRequest,
  authorizationRequest,
  type ResponseTarget,
  responseTarget,
} from '../authorization/authorization-request.ts'
import { type AuthorizationRules, authorizationRules } from '../authorization/authorization-rules.ts'
import { encryptedRequestObject } from '../authorization/encrypted-request-object.ts'
import { requestObject } from '../authorization/request-object.ts'
import { pushedRequestHandle } from '../authorization/request-uri.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import { isCompactJwe } from '../jose/compact-jwe.ts'
import { type CompactJwsFailure, parseCompactJws } from '../jose/compact-jws.ts'
import type { TokenDigest } from '../port/access-token-store.ts'
import type { AuthorizationFailure } from '../protocol-error/authorization-failure.ts'
import type { Failure } from '../protocol-error/failure.ts'
import type { AuthorizationSettings, RequestedAuthorizationPorts } from './authorization-ports.ts'
import { clientSignature } from './client-signature.ts'
import type { FormParameters } from './form-parameters.ts'
import { reach } from './reach.ts'

/** A request that a browser brought, judged. */
export interface RequestedAuthorization {
  readonly client: RegisteredClient
  readonly request: AuthorizationRequest
  readonly pushed?: TokenDigest
}

/** A failure, and where it may be told: without `target` only to the person. */
export interface RefusedAuthorization {
  readonly failure: Failure
  readonly target?: ResponseTarget
}

/**
 * Finds out what a browser at the authorization endpoint asks for: by its own parameters, by a signed object, or by
 * reference to one of the two.
 *
 * RFC 6749 §4.1.1, RFC 9101 §5, RFC 9126 §4. Until client and redirect URI are known, a failure has no target.
 */
export async function requestedAuthorization(
  parameters: FormParameters,
  ports: RequestedAuthorizationPorts,
  settings: AuthorizationSettings,
  now: number,
): Promise<Result<RequestedAuthorization, RefusedAuthorization>> {
  const found = await requestingClient(parameters, ports)
  if (!found.ok) return refused(found.failure)
  const client = found.value
  const rules = authorizationRules(settings.profile, client)
  const uri = parameters.get('request_uri')
  const handle = uri === undefined ? undefined : pushedRequestHandle(uri)
  if (handle !== undefined && !parameters.has('request')) return pushedAuthorization(handle, client, ports, now)

  const mustBePushed = rules.pushedRequests === 'required' || client.authorization?.pushedRequests === 'required'
  if (mustBePushed) {
    const target = responseTarget(parameters, client, rules)
    const { pushedRequests: clause } = rules.clauses
    const failure = { reason: 'pushed_request_required', ...(clause === undefined ? {} : { clause }) } as const
    return target.ok ? refused(failure, target.value) : refused(target.failure)
  }
  const sent = await sentParameters(parameters, client, rules, ports, settings, now)
  if (!sent.ok) return refused(sent.failure)
  const target = responseTarget(sent.value.parameters, client, rules)
  if (!target.ok) return refused(target.failure)
  const judged = judge(sent.value, client, target.value, 'by_browser', rules, settings)
  return judged.ok ? ok({ client, request: judged.value }) : refused(judged.failure, target.value)
}

/** What a client pushes, judged in the same way (RFC 9126 §2.1). */
export async function pushedParameters(
  form: FormParameters,
  client: RegisteredClient,
  ports: RequestedAuthorizationPorts,
  settings: AuthorizationSettings,
  now: number,
): Promise<Result<AuthorizationRequest, Failure>> {
  if (form.has('request_uri')) return fail({ reason: 'request_uri_pushed' })
  const rules = authorizationRules(settings.profile, client)
  const sent = await sentParameters(form, client, rules, ports, settings, now)
  if (!sent.ok) return sent
  const target = responseTarget(sent.value.parameters, client, rules)
  if (!target.ok) return target
  return judge(sent.value, client, target.value, 'pushed', rules, settings)
}

interface SentParameters {
  readonly parameters: FormParameters
  readonly signed: 'yes' | 'no'
}

function judge(
  { parameters, signed }: SentParameters,
  client: RegisteredClient,
  target: ResponseTarget,
  sent: 'pushed' | 'by_browser',
  rules: AuthorizationRules,
  settings: AuthorizationSettings,
): Result<AuthorizationRequest, Failure> {
  const mustBeSigned =
    rules.signedRequests === 'required' ||
    (rules.signedRequests === 'unless_pushed' && sent === 'by_browser') ||
    client.authorization?.signedRequests === 'required'
  if (mustBeSigned && signed === 'no') {
    const { signedRequests: clause } = rules.clauses
    return fail({ reason: 'signed_request_required', ...(clause === undefined ? {} : { clause }) })
  }
  return authorizationRequest(parameters, client, target, sent, {
    rules,
    defaultAudience: settings.defaultAudience,
    authorizationDetails: settings.authorizationDetails,
  })
}

/** The client of this id, when it may be talked to at all. */
export async function requestingClient(
  parameters: FormParameters,
  { clients }: Pick<RequestedAuthorizationPorts, 'clients'>,
): Promise<Result<RegisteredClient, Failure>> {
  const clientId = parameters.get('client_id')
  if (clientId === undefined) return fail({ reason: 'parameter_missing', parameter: 'client_id' })
  const found = await reach('clients', () => clients.find(clientId))
  if (!found.ok) return found
  const client = found.value
  if (client === undefined) return fail({ reason: 'client_unknown', clientId: clientId.slice(0, maximumShown) })
  return client.disabled ? fail({ reason: 'client_disabled', clientId }) : ok(client)
}

/** RFC 9126 §4: bound to the client, and not used up before a person is through with it. */
async function pushedAuthorization(
  handle: string,
  client: RegisteredClient,
  { pushedRequests, opaqueTokens }: RequestedAuthorizationPorts,
  now: number,
): Promise<Result<RequestedAuthorization, RefusedAuthorization>> {
  if (handle.length > maximumShown) return refused({ reason: 'request_uri_unknown' })
  const digest = opaqueTokens.digest(handle)
  const found = await reach('pushed_requests', () => pushedRequests.find(digest))
  if (!found.ok) return refused(found.failure)
  const pushed = found.value
  if (pushed === undefined) return refused({ reason: 'request_uri_unknown' })
  const { request, expiresAt } = pushed
  if (request.clientId !== client.clientId) {
    return refused({ reason: 'request_uri_of_another_client', owner: request.clientId })
  }
  if (now >= expiresAt) return refused({ reason: 'request_uri_expired', expiresAt, now })
  return ok({ client, request, pushed: digest })
}

async function sentParameters(
  parameters: FormParameters,
  client: RegisteredClient,
  rules: AuthorizationRules,
  ports: RequestedAuthorizationPorts,
  settings: AuthorizationSettings,
  now: number,
): Promise<Result<SentParameters, Failure>> {
  const text = await requestObjectText(parameters, client, ports)
  if (!text.ok) return text
  if (text.value === undefined) return ok({ parameters, signed: 'no' })
  const object = isCompactJwe(text.value) ? await opened(text.value, client, ports, settings) : ok(text.value)
  if (!object.ok) return object
  return signedParameters(object.value, client, rules, ports, settings, now)
}

/** RFC 9101 §6.1: first decrypted, then verified like one that came in the open. */
async function opened(
  text: string,
  { encryption, profile }: RegisteredClient,
  { decrypter }: RequestedAuthorizationPorts,
  settings: AuthorizationSettings,
): Promise<Result<string, Failure>> {
  if (decrypter === undefined) return fail({ reason: 'request_object_not_decrypted', problem: 'not_offered' })
  const jwe = encryptedRequestObject(text, encryption?.requestObject, profile ?? settings.profile)
  if (!jwe.ok) return jwe
  const inside = await reach('request_keys', () => decrypter.decrypt(jwe.value))
  if (!inside.ok) return inside
  const { value } = inside
  return value.ok ? value : fail({ reason: 'request_object_not_decrypted', problem: value.failure })
}

async function signedParameters(
  text: string,
  client: RegisteredClient,
  rules: AuthorizationRules,
  ports: RequestedAuthorizationPorts,
  settings: AuthorizationSettings,
  now: number,
): Promise<Result<SentParameters, Failure>> {
  const jws = parseCompactJws(text)
  if (!jws.ok) return fail(ofRequestObject(jws.failure))
  const { authorization, clientId } = client
  const algorithm = authorization?.requestAlgorithm
  const object = requestObject(jws.value, clientId, algorithm, settings.issuer, rules, now)
  if (!object.ok) return object
  const { kid } = jws.value.header
  if (authorization?.keys === undefined) return fail({ reason: 'request_object_key_unknown', kid })
  const signature = await clientSignature(jws.value, object.value.algorithm, authorization.keys, ports)
  if (!signature.ok) return signature
  if (signature.value !== 'verified') return fail({ reason: `request_object_${signature.value}`, kid })
  return ok({ parameters: object.value.parameters, signed: 'yes' })
}

async function requestObjectText(
  parameters: FormParameters,
  { authorization }: RegisteredClient,
  { requestObjects }: RequestedAuthorizationPorts,
): Promise<Result<string | undefined, Failure>> {
  const uri = parameters.get('request_uri')
  const value = parameters.get('request')
  if (uri === undefined) return ok(value)
  if (value !== undefined) return fail({ reason: 'request_presented_twice' })
  if (authorization?.requestUris.includes(uri) !== true) {
    return fail({ reason: 'request_uri_not_registered', presented: uri.slice(0, maximumShown) })
  }
  const fetched = await reach('request_objects', () => requestObjects.fetch(uri))
  if (!fetched.ok) return fetched
  return fetched.value.ok
    ? ok(fetched.value.value.trim())
    : fail({ reason: 'request_uri_not_fetched', uri, problem: fetched.value.failure.problem })
}

function ofRequestObject(failure: CompactJwsFailure): AuthorizationFailure {
  switch (failure.reason) {
    case 'too_long':
      return { ...failure, reason: 'request_object_too_long' }
    case 'malformed':
      return { ...failure, reason: 'request_object_malformed' }
    case 'critical':
      return { ...failure, reason: 'request_object_header_critical' }
  }
}

function refused(failure: Failure, target?: ResponseTarget): Result<never, RefusedAuthorization> {
  return fail(target === undefined ? { failure } : { failure, target })
}

/** Facts of a refusal go into every log record; a handle is shorter too. */
const maximumShown = 256
