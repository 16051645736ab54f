import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { RefreshTokenRecord } from '../port/refresh-token-store.ts'
import type { Signer } from '../port/signer.ts'
import type { Failure } from '../protocol-error/failure.ts'
import {
  type InactiveToken,
  type IntrospectedToken,
  asksForSignedIntrospection,
  introspectionClaims,
  introspectionResponse,
  mayIntrospect,
  signedIntrospectionResponse,
} from '../token/introspection-response.ts'
import { auditContext } from './audit-context.ts'
import { refusal } from './audited-answer.ts'
import { authenticateAt } from './authenticate-at.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import { boundCertificateState } from './bound-certificate-state.ts'
import { encryptedAnswer } from './encrypted-answer.ts'
import type { BackChannelEndpoint } from './endpoint.ts'
import { liveAuthorization, type PersonsAuthorization } from './live-authorization.ts'
import type { TokenManagementPorts } from './ports.ts'
import { presentedToken } from './presented-token.ts'
import { reach } from './reach.ts'
import type { Reporting } from './report-only.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/** The introspection endpoint (RFC 7662 §2): says of a token to a client that may know it what it stands for now. */
export function createIntrospectionEndpoint(
  ports: TokenManagementPorts,
  settings: AuthorizationServerSettings,
): BackChannelEndpoint {
  return async (request) => {
    const now = ports.clock.now()
    const context = auditContext(request, ports, now)
    const introspected = await introspect({ request, context, ports, settings, now }, ports)
    if (!introspected.ok) return refusal(request, 'introspection', introspected.failure, context, ports.audit)
    const { caller, token } = introspected.value
    const recorded = await reach('audit', () =>
      ports.audit.record({
        ...context,
        clientId: caller.client.clientId,
        event: 'token_introspected',
        active: token.active,
        why: token.active ? undefined : token.why,
      }),
    )
    if (!recorded.ok) return refusal(request, 'introspection', recorded.failure, context, ports.audit)
    if (ports.introspectionSigner === undefined || !wantsSigned(caller, request))
      return introspectionResponse(token, settings.issuer)
    const claims = introspectionClaims(token, settings.issuer, caller.client.clientId, now)
    const signed = await signedClaims(claims, ports.introspectionSigner)
    const answer = signed.ok ? await encryptedAnswer(signed.value, caller.client, 'introspection', ports) : signed
    if (!answer.ok) return refusal(request, 'introspection', answer.failure, context, ports.audit)
    return signedIntrospectionResponse(answer.value)
  }
}

async function signedClaims(claims: object, signer: Signer): Promise<Result<string, Failure>> {
  try {
    return ok(await signer.sign('token-introspection+jwt', JSON.stringify(claims)))
  } catch (cause) {
    return fail({ reason: 'signing_unavailable', cause })
  }
}

async function introspect(
  asking: Reporting,
  ports: TokenManagementPorts,
): Promise<Result<{ readonly caller: AuthenticatedClient; readonly token: IntrospectedToken }, Failure>> {
  const {
    request: { form },
    settings,
    now,
  } = asking
  if (!form.ok) return form
  const caller = await authenticateAt('introspection', form.value, asking)
  if (!caller.ok) return caller
  if (caller.value.method === 'none') return fail({ reason: 'client_not_confidential' })
  const text = form.value.get('token')
  if (text === undefined) return fail({ reason: 'parameter_missing', parameter: 'token' })
  const token = await stateOf(text, caller.value, ports, settings, now)
  return token.ok ? ok({ caller: caller.value, token: token.value }) : token
}

async function stateOf(
  text: string,
  caller: AuthenticatedClient,
  ports: TokenManagementPorts,
  settings: AuthorizationServerSettings,
  now: number,
): Promise<Result<IntrospectedToken, Failure>> {
  const presented = await presentedToken(text, ports, settings.issuer)
  if (!presented.ok) return presented
  if (presented.value.format === 'unknown') return ok(inactive('unknown'))
  if (presented.value.format === 'refresh') return stateOfRefreshToken(presented.value.record, caller, ports, now)
  const { token } = presented.value
  if (!mayIntrospect(caller, token)) return ok(inactive('not_for_the_caller'))
  if (token.expiresAt <= now) return ok(inactive('expired'))
  const jti = presented.value.format === 'jwt' ? presented.value.jti : undefined
  if (jti !== undefined) {
    const revoked = await reach('revoked_tokens', () => ports.revokedTokens.isRevoked(jti))
    if (!revoked.ok) return revoked
    if (revoked.value) return ok(inactive('revoked'))
  }
  const owner = await reach('clients', () => ports.clients.find(token.clientId))
  if (!owner.ok) return owner
  if (owner.value === undefined || owner.value.disabled) return ok(inactive('client_gone'))
  const bound = await boundCertificateState(token, owner.value, ports, now)
  if (!bound.ok) return bound
  if (bound.value !== 'usable') return ok(inactive(bound.value))
  if (token.authorizationId !== undefined) {
    const authorization = await standing(token.authorizationId, owner.value, ports, now)
    if (!authorization.ok) return authorization
    if (typeof authorization.value === 'string') return ok(inactive(authorization.value))
  }
  return ok({ active: true, kind: 'access_token', token, jti })
}

/** Only the client that it was issued to may know of a refresh token. */
async function stateOfRefreshToken(
  { confirmation, ...record }: RefreshTokenRecord,
  caller: AuthenticatedClient,
  ports: TokenManagementPorts,
  now: number,
): Promise<Result<IntrospectedToken, Failure>> {
  const { clientId, authorizationId, scope, issuedAt, expiresAt } = record
  if (clientId !== caller.client.clientId) return ok(inactive('not_for_the_caller'))
  if (expiresAt <= now) return ok(inactive('expired'))
  const authorization = await standing(authorizationId, caller.client, ports, now)
  if (!authorization.ok) return authorization
  if (typeof authorization.value === 'string') return ok(inactive(authorization.value))
  const { subject, record: granted } = authorization.value
  const token = { clientId, subject, scope, audience: granted.audience, issuedAt, expiresAt }
  const bound = confirmation === undefined ? token : { ...token, confirmation }
  return ok({ active: true, kind: 'refresh_token', token: bound, jti: undefined })
}

/** The authorization as it stands, or why nothing that came from it counts any more. */
async function standing(
  id: string,
  owner: RegisteredClient,
  { delegations }: TokenManagementPorts,
  now: number,
): Promise<Result<PersonsAuthorization | 'authorization_ended' | 'person_gone', Failure>> {
  if (delegations === undefined) return ok('authorization_ended')
  const live = await liveAuthorization(id, owner, delegations, now, 'of_any_client')
  if (live.ok) return live
  const { reason } = live.failure
  return reason === 'authorization_ended' || reason === 'person_gone' ? ok(reason) : live
}

function wantsSigned({ client }: AuthenticatedClient, { accept }: BackChannelRequest): boolean {
  const registered = client.delegation?.introspectionAlgorithm ?? client.encryption?.introspection
  return registered !== undefined || asksForSignedIntrospection(accept)
}

function inactive(why: InactiveToken['why']): InactiveToken {
  return { active: false, why }
}
