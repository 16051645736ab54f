import { fail, ok, type Result } from '@holdfast/x509'
import { belongs } from '../client-registration/open-finance-brasil.ts'
import type { ClientRecord } from '../client-registration/registration-request.ts'
import type { StoredClient } from '../port/client-registration-store.ts'
import type { Answer } from '../protocol-error/answer.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { auditContext } from './audit-context.ts'
import { facts } from './client-registration-endpoint.ts'
import type { ClientRegistrationPorts, ClientRegistrationSettings } from './client-registration-ports.ts'
import type { ClientRegistrationRequest } from './client-registration-request.ts'
import { directoryCertificate, registrationCertificate, registrationToken } from './may-register.ts'
import { reach } from './reach.ts'
import { registeredRecord, registeredStatement, sentDocument } from './registered-record.ts'
import { clientInformation, registrationAnswer, registrationRefusal } from './registration-answer.ts'

/** What is asked about one registered client. */
export interface ClientConfigurationRequest extends ClientRegistrationRequest {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  /** Out of the path. */
  readonly clientId: string
}

/**
 * The client configuration endpoint (RFC 7592 §2): reads, replaces or removes a registration for whoever holds its token.
 *
 * A client that is not there and a wrong token are answered alike. With a client its authorizations end.
 */
export function createClientConfigurationEndpoint(
  ports: ClientRegistrationPorts,
  settings: ClientRegistrationSettings,
): (request: ClientConfigurationRequest) => Promise<Answer> {
  return async (request) => {
    const now = ports.clock.now()
    const context = auditContext({ ...request, form: noForm }, ports, now)
    const found = await own(request, ports, settings, now)
    if (!found.ok) return registrationRefusal(found.failure, { ...context, clientId: request.clientId }, ports)
    const { client, token, certificate } = found.value
    const { clientId } = client
    const mine = { ...context, clientId }
    if (request.method === 'GET') {
      return registrationAnswer(200, clientInformation(client, token, undefined, request.role, settings))
    }
    if (request.method === 'DELETE') {
      const removed = await remove(clientId, ports)
      if (!removed.ok) return registrationRefusal(removed.failure, mine, ports)
      const recorded = await reach('audit', () => ports.audit.record({ ...mine, event: 'client_removed' }))
      return recorded.ok ? gone : registrationRefusal(recorded.failure, mine, ports)
    }
    const replaced = await replace(request, client, certificate, ports, settings, now)
    if (!replaced.ok) return registrationRefusal(replaced.failure, mine, ports)
    const recorded = await reach('audit', () =>
      ports.audit.record({ ...mine, event: 'client_updated', ...facts(replaced.value.client) }),
    )
    if (!recorded.ok) return registrationRefusal(recorded.failure, mine, ports)
    const { client: changed, secret } = replaced.value
    return registrationAnswer(200, clientInformation(changed, token, secret, request.role, settings))
  }
}

interface Own {
  readonly client: StoredClient
  readonly token: string
  readonly certificate: Awaited<ReturnType<typeof registrationCertificate>> extends Result<infer Value, Failure>
    ? Value
    : never
}

/** The client, for whoever holds the token that was given out with it, over the certificate that it was registered by. */
async function own(
  request: ClientConfigurationRequest,
  ports: ClientRegistrationPorts,
  { policy }: ClientRegistrationSettings,
  now: number,
): Promise<Result<Own, Failure>> {
  const token = registrationToken(request)
  if (!token.ok) return token
  const certificate = await registrationCertificate(request, policy, ports, now)
  if (!certificate.ok) return certificate
  const digest = ports.opaqueTokens.digest(token.value)
  const found = await reach('clients', () => ports.registrations.find(request.clientId))
  if (!found.ok) return found
  const client = found.value
  if (client === undefined || client.disabled || client.registrationTokenDigest !== digest) {
    return fail({ reason: 'registration_token_unknown' })
  }
  const statement = client.metadata[registeredStatement]
  if (statement !== undefined && certificate.value !== undefined) {
    const mine = belongs(statement as ClientRecord, directoryCertificate(certificate.value))
    if (!mine.ok) return mine
  }
  return ok({ client, token: token.value, certificate: certificate.value })
}

/** RFC 7592 §2.2: the whole record anew, with its `client_id` and without what only the server sets. */
async function replace(
  request: ClientConfigurationRequest,
  client: StoredClient,
  certificate: Own['certificate'],
  ports: ClientRegistrationPorts,
  settings: ClientRegistrationSettings,
  now: number,
): Promise<Result<{ readonly client: StoredClient; readonly secret: string | undefined }, Failure>> {
  const asked = sentDocument(request.document)
  if (!asked.ok) return asked
  const fixed = setByServer.find((member) => Object.hasOwn(asked.value, member))
  if (fixed !== undefined) return fail({ reason: 'registration_member_fixed', member: fixed })
  if (asked.value['client_id'] !== client.clientId) {
    const problems = [{ path: 'client_id', problem: 'not the one of this registration' }]
    return fail({ reason: 'registration_metadata_refused', problems })
  }
  const kept = client.metadata['client_secret_hash']
  const secret = asked.value['client_secret']
  if (secret !== undefined) {
    const hash = typeof kept === 'string' ? kept : undefined
    const same = await reach('secrets', () => ports.secrets.verify(typeof secret === 'string' ? secret : '', hash))
    if (!same.ok) return same
    if (!same.value) return fail({ reason: 'registration_member_fixed', member: 'client_secret' })
  }
  const record = await registeredRecord(asked.value, client.clientId, certificate, kept, ports, settings, now)
  if (!record.ok) return record
  const changed: StoredClient = { ...client, version: client.version + 1, metadata: record.value.metadata }
  const replaced = await reach('clients', () => ports.registrations.replace(changed, client.version))
  if (!replaced.ok) return replaced
  return replaced.value
    ? ok({ client: changed, secret: record.value.secret })
    : fail({ reason: 'registration_changed_meanwhile' })
}

async function remove(clientId: string, ports: ClientRegistrationPorts): Promise<Result<void, Failure>> {
  const removed = await reach('clients', () => ports.registrations.remove(clientId))
  if (!removed.ok) return removed
  const ended = await reach('authorizations', () => ports.authorizations.revokeClient(clientId))
  return ended.ok ? ok(undefined) : ended
}

const setByServer = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
]

const gone: Answer = { status: 204, headers: Object.freeze({ 'cache-control': 'no-store' }), body: '' }

const noForm = ok(new Map<string, string>())
