import { fail, ok, type Result } from '@holdfast/x509'
import type { StoredClient } from '../port/client-registration-store.ts'
import type { Answer } from '../protocol-error/answer.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { auditContext } from './audit-context.ts'
import type { ClientRegistrationPorts, ClientRegistrationSettings } from './client-registration-ports.ts'
import type { ClientRegistrationRequest } from './client-registration-request.ts'
import { initialAccess, registrationCertificate } from './may-register.ts'
import { reach } from './reach.ts'
import { registeredRecord, sentDocument } from './registered-record.ts'
import { clientInformation, registrationAnswer, registrationRefusal } from './registration-answer.ts'

/**
 * The client registration endpoint (RFC 7591 §3): decide who may, decide what, keep it, answer with all that was registered.
 *
 * What a client may have is the operator's policy; whoever asks for more is told which member is too much.
 */
export function createClientRegistrationEndpoint(
  ports: ClientRegistrationPorts,
  settings: ClientRegistrationSettings,
): (request: ClientRegistrationRequest) => Promise<Answer> {
  return async (request) => {
    const now = ports.clock.now()
    const context = auditContext({ ...request, form: noForm }, ports, now)
    const registered = await register(request, ports, settings, now)
    if (!registered.ok) return registrationRefusal(registered.failure, context, ports)
    const { client, token, secret } = registered.value
    const { clientId } = client
    const recorded = await reach('audit', () =>
      ports.audit.record({ ...context, clientId, event: 'client_registered', ...facts(client) }),
    )
    if (!recorded.ok) return registrationRefusal(recorded.failure, context, ports)
    return registrationAnswer(201, clientInformation(client, token, secret, request.role, settings))
  }
}

async function register(
  request: ClientRegistrationRequest,
  ports: ClientRegistrationPorts,
  settings: ClientRegistrationSettings,
  now: number,
): Promise<
  Result<{ readonly client: StoredClient; readonly token: string; readonly secret: string | undefined }, Failure>
> {
  const { policy } = settings
  const admitted = initialAccess(request, policy, ports)
  if (!admitted.ok) return admitted
  const certificate = await registrationCertificate(request, policy, ports, now)
  if (!certificate.ok) return certificate
  const asked = sentDocument(request.document)
  if (!asked.ok) return asked
  const clientId = ports.random.identifier()
  const record = await registeredRecord(asked.value, clientId, certificate.value, undefined, ports, settings, now)
  if (!record.ok) return record
  const { token, digest } = ports.opaqueTokens.create()
  const client: StoredClient = {
    clientId,
    version: 1,
    metadata: record.value.metadata,
    registrationTokenDigest: digest,
    disabled: false,
    createdAt: now,
  }
  const kept = await reach('clients', () => ports.registrations.add(client))
  if (!kept.ok) return kept
  return kept.value
    ? ok({ client, token, secret: record.value.secret })
    : fail({ reason: 'registration_changed_meanwhile' })
}

/** What the audit keeps of a registration. */
export function facts({ metadata }: StoredClient): { readonly method: string; readonly scope: string } {
  const { token_endpoint_auth_method: method, scope } = metadata
  return { method: typeof method === 'string' ? method : '', scope: typeof scope === 'string' ? scope : '' }
}

const noForm = ok(new Map<string, string>())
