import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { Failure } from '../protocol-error/failure.ts'
import {
  type InactiveToken,
  type IntrospectedToken,
  introspectionResponse,
  mayIntrospect,
} from '../token/introspection-response.ts'
import { auditContext } from './audit-context.ts'
import { refusal } from './audited-answer.ts'
import { authenticateRequest } from './authenticate-request.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import { boundCertificateState } from './bound-certificate-state.ts'
import type { BackChannelEndpoint } from './endpoint.ts'
import type { TokenManagementPorts } from './ports.ts'
import { presentedToken } from './presented-token.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/** The introspection endpoint (RFC 7662 §2): says of a token to a client that may know it what it stands for now. */
export function createIntrospectionEndpoint(
  ports: TokenManagementPorts,
  settings: AuthorizationServerSettings,
): BackChannelEndpoint {
  return async (request) => {
    const now = ports.clock.now()
    const context = auditContext(request, ports, now)
    const introspected = await introspect(request, ports, settings, now)
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
    return introspectionResponse(token, settings.issuer)
  }
}

async function introspect(
  request: BackChannelRequest,
  ports: TokenManagementPorts,
  settings: AuthorizationServerSettings,
  now: number,
): Promise<Result<{ readonly caller: AuthenticatedClient; readonly token: IntrospectedToken }, Failure>> {
  const { form } = request
  if (!form.ok) return form
  const caller = await authenticateRequest(request, form.value, ports, settings, now)
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
  return ok({ active: true, token, jti })
}

function inactive(why: InactiveToken['why']): InactiveToken {
  return { active: false, why }
}
