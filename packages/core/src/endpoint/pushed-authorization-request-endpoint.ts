import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthorizationRequest } from '../authorization/authorization-request.ts'
import { pushedRequestUri } from '../authorization/request-uri.ts'
import type { Answer } from '../protocol-error/answer.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { auditContext } from './audit-context.ts'
import { refusal } from './audited-answer.ts'
import { authenticateAt } from './authenticate-at.ts'
import type { AuthorizationSettings, RequestedAuthorizationPorts } from './authorization-ports.ts'
import { type DpopPorts, dpopRequest } from './dpop-request.ts'
import type { BackChannelEndpoint } from './endpoint.ts'
import type { ClientAuthenticationPorts } from './ports.ts'
import { reach } from './reach.ts'
import type { Reporting } from './report-only.ts'
import { pushedParameters } from './requested-authorization.ts'
import type { AuthorizationServerSettings } from './settings.ts'

export interface PushedAuthorizationRequestPorts extends ClientAuthenticationPorts, RequestedAuthorizationPorts {
  /** Absent where DPoP is not offered. */
  readonly dpop?: DpopPorts
}

/**
 * The pushed authorization request endpoint (RFC 9126 §2): authenticates the client as the token endpoint does, judges the
 * whole request, and keeps it behind an unguessable reference.
 */
export function createPushedAuthorizationRequestEndpoint(
  ports: PushedAuthorizationRequestPorts,
  server: AuthorizationServerSettings,
  settings: AuthorizationSettings,
): BackChannelEndpoint {
  return async (request) => {
    const now = ports.clock.now()
    const context = auditContext(request, ports, now)
    const decision = await decide({ request, context, ports, settings: server, now }, ports, settings)
    const kept = decision.ok ? await keep(decision.value, ports, settings, now) : decision
    if (!kept.ok) return refusal(request, 'pushed_authorization_request', kept.failure, context, ports.audit)
    return created(kept.value, settings.lifetimes.pushedRequest)
  }
}

async function decide(
  asking: Reporting,
  ports: PushedAuthorizationRequestPorts,
  settings: AuthorizationSettings,
): Promise<Result<AuthorizationRequest, Failure>> {
  const { request, now } = asking
  const { form } = request
  if (!form.ok) return form
  const authenticated = await authenticateAt('pushed_authorization_request', form.value, asking)
  if (!authenticated.ok) return authenticated
  const key = await dpopRequest(request, { method: 'POST', path: '/par' }, ports, now)
  if (!key.ok) return key
  const pushed = await pushedParameters(form.value, authenticated.value.client, ports, settings, now)
  if (!pushed.ok || key.value === undefined) return pushed
  const { thumbprint } = key.value
  if ((pushed.value.dpopKeyThumbprint ?? thumbprint) !== thumbprint) {
    return fail({ reason: 'parameter_malformed', parameter: 'dpop_jkt' })
  }
  return ok({ ...pushed.value, dpopKeyThumbprint: thumbprint })
}

/** Kept longer than it may be begun with, so that a person has the time to finish. */
async function keep(
  request: AuthorizationRequest,
  { pushedRequests, opaqueTokens }: PushedAuthorizationRequestPorts,
  { lifetimes }: AuthorizationSettings,
  now: number,
): Promise<Result<string, Failure>> {
  const { token, digest } = opaqueTokens.create()
  const expiresAt = now + lifetimes.pushedRequest
  const kept = await reach('pushed_requests', () =>
    pushedRequests.keep(digest, { request, expiresAt }, expiresAt + lifetimes.interaction),
  )
  return kept.ok ? ok(pushedRequestUri(token)) : kept
}

function created(requestUri: string, expiresIn: number): Answer {
  return {
    status: 201,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', pragma: 'no-cache' },
    body: JSON.stringify({ request_uri: requestUri, expires_in: expiresIn }),
  }
}
