import type { Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { DecoupledAuthorizationRecord } from '../port/decoupled-authorization-store.ts'
import type { Answer } from '../protocol-error/answer.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { auditContext } from './audit-context.ts'
import { refusal } from './audited-answer.ts'
import { authenticateAt } from './authenticate-at.ts'
import type { BackChannelEndpoint } from './endpoint.ts'
import type { FormParameters } from './form-parameters.ts'
import type { ClientAuthenticationPorts } from './ports.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/** What a client gets that waits for a person who decides elsewhere, and what is kept of it. */
export interface Requested {
  readonly record: DecoupledAuthorizationRecord
  readonly answer: Answer
}

/**
 * An endpoint at which a client asks for what a person decides elsewhere (RFC 8628 §3.1, OpenID CIBA §7): authenticate it, let
 * `ask` decide and keep, write down, answer.
 */
export function createDecoupledEndpoint(
  endpoint: 'device_authorization' | 'backchannel_authentication',
  ports: ClientAuthenticationPorts,
  settings: AuthorizationServerSettings,
  ask: (form: FormParameters, client: AuthenticatedClient, now: number) => Promise<Result<Requested, Failure>>,
): BackChannelEndpoint {
  return async (request) => {
    const now = ports.clock.now()
    const context = auditContext(request, ports, now)
    const refused = (failure: Failure): Promise<Answer> => refusal(request, endpoint, failure, context, ports.audit)
    if (!request.form.ok) return refused(request.form.failure)
    const form = request.form.value
    const client = await authenticateAt(endpoint, form, { request, context, ports, settings, now })
    if (!client.ok) return refused(client.failure)
    const asked = await ask(form, client.value, now)
    if (!asked.ok) return refused(asked.failure)
    const { kind, clientId, subject, scope, expiresAt } = asked.value.record
    const event = { ...context, clientId, event: 'decoupled_authorization_requested', kind, subject } as const
    const recorded = await reach('audit', () => ports.audit.record({ ...event, scope, expiresAt }))
    return recorded.ok ? asked.value.answer : refused(recorded.failure)
  }
}
