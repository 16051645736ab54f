import { ok, type Result } from '@holdfast/x509'
import { authenticateClient } from '../client-authentication/authenticate-client.ts'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { AuditContext, AuditedEndpoint } from '../port/audit.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { gatherEvidence } from './authentication-evidence.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import type { ClientAuthenticationPorts } from './ports.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/**
 * Writes down what the rules that an authenticated client tries out would have refused this request for.
 *
 * The client has proven itself by its registered method before, and what is found here gives it nothing: the answer is the
 * same, except that what cannot be written down is an outage. `unbound` is what the rule of binding says, where the endpoint
 * has one.
 */
export async function reportOnly(
  { client }: AuthenticatedClient,
  unbound: Failure | undefined,
  endpoint: AuditedEndpoint,
  { request, context, ports, settings, now }: Reporting,
): Promise<Result<void, Failure>> {
  const { clientId, reportOnly: rules } = client
  const unknown = rules?.authentication && (await unrecognized({ ...client, authentication: rules.authentication }))
  for (const failure of [unbound, unknown]) {
    if (failure === undefined) continue
    const event = { ...context, clientId, event: 'would_have_refused', endpoint, failure } as const
    const recorded = await reach('audit', () => ports.audit.record(event))
    if (!recorded.ok) return recorded
  }
  return ok(undefined)

  async function unrecognized(tried: AuthenticatedClient['client']): Promise<Failure | undefined> {
    const evidence = await gatherEvidence(tried, { kind: 'none', clientId }, request, ports, settings, now)
    if (!evidence.ok) return evidence.failure
    const judged = authenticateClient(tried, evidence.value as never)
    return judged.ok ? undefined : judged.failure
  }
}

export interface Reporting {
  readonly request: BackChannelRequest
  readonly context: AuditContext
  readonly ports: ClientAuthenticationPorts
  readonly settings: AuthorizationServerSettings
  readonly now: number
}
