import type { ClientRecord } from '../client-registration/registration-request.ts'
import type { AuditContext } from '../port/audit.ts'
import type { StoredClient } from '../port/client-registration-store.ts'
import type { Answer } from '../protocol-error/answer.ts'
import { errorResponse, sentence } from '../protocol-error/error-response.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { wireErrors } from '../protocol-error/wire-errors.ts'
import { resourceErrorResponse } from '../resource-request/www-authenticate.ts'
import type { ClientRegistrationPorts, ClientRegistrationSettings } from './client-registration-ports.ts'
import { reach } from './reach.ts'
import { registeredStatement } from './registered-record.ts'

/** The client information response (RFC 7591 §3.2.1, RFC 7592 §3): everything that is registered, and how to look after it. */
export function clientInformation(
  client: StoredClient,
  token: string,
  secret: string | undefined,
  role: 'main' | 'mtls',
  { registrationEndpoint }: ClientRegistrationSettings,
): ClientRecord {
  const { [registeredStatement]: _, client_secret_hash: hash, trust: __, ...metadata } = client.metadata
  return {
    ...metadata,
    client_id: client.clientId,
    client_id_issued_at: client.createdAt,
    ...(secret === undefined ? {} : { client_secret: secret }),
    ...(hash === undefined ? {} : { client_secret_expires_at: 0 }),
    registration_access_token: token,
    registration_client_uri: `${registrationEndpoint[role]}/${client.clientId}`,
  }
}

export function registrationAnswer(status: 200 | 201, body: ClientRecord): Answer {
  return { status, headers: neverCached, body: JSON.stringify(body) }
}

/**
 * Writes a refusal down and answers it (RFC 7591 §3.2.2). Who registers is told which member was wrong: it is his own.
 */
export async function registrationRefusal(
  failure: Failure,
  context: AuditContext,
  ports: Pick<ClientRegistrationPorts, 'audit'>,
): Promise<Answer> {
  const recorded = await reach('audit', () =>
    ports.audit.record({ ...context, event: 'request_refused', endpoint: 'registration', failure }),
  )
  const told = recorded.ok ? failure : recorded.failure
  const { status } = wireErrors[told.reason]
  if (status === 401 && told.reason.startsWith('registration_')) {
    return resourceErrorResponse(told, context.correlationId, { realm: 'registration' })
  }
  const answer = errorResponse(told, context.correlationId)
  if (!('problems' in told) || !told.reason.startsWith('registration_')) return answer
  const { code, description } = wireErrors[told.reason]
  const [first] = told.problems
  const place = typeof first === 'object' && 'path' in first ? ` ${plain(first)}` : ''
  const error_description = sentence(`${description}${place}`, context.correlationId)
  return { ...answer, body: JSON.stringify({ error: code, error_description }) }
}

/** RFC 6749 §5.2: printable ASCII without `"` and `\`. */
function plain({
  path,
  problem,
  hint,
}: {
  readonly path: string
  readonly problem: string
  readonly hint?: string
}): string {
  const text = `${path === '' ? '' : `${path}: `}${problem}${hint === undefined ? '' : ` (${hint})`}.`
  return text
    .replaceAll('"', "'")
    .replace(/[^\x20-\x7e]|\\/g, '?')
    .slice(0, mostShown)
}

const neverCached: Answer['headers'] = Object.freeze({
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
})

const mostShown = 300
