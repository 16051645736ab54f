import { fail, ok, type Result } from '@holdfast/x509'
import type { TrustedCertificate } from '../client-certificate/trusted-certificate.ts'
import { parseClientMetadata } from '../client-registration/client-metadata.ts'
import { openFinanceBrasil } from '../client-registration/open-finance-brasil.ts'
import {
  type ClientRecord,
  registrationDocument,
  registrationProblems,
  registrationRequest,
} from '../client-registration/registration-request.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import { sectorIdentifier } from '../client-registration/sector-identifier.ts'
import type { Failure } from '../protocol-error/failure.ts'
import type { ClientRegistrationPorts, ClientRegistrationSettings } from './client-registration-ports.ts'
import { directoryCertificate, statedMetadata } from './may-register.ts'
import { reach } from './reach.ts'

/** A record that may be registered, and the client it makes. */
export interface RegisteredRecord {
  readonly metadata: ClientRecord
  readonly client: RegisteredClient
  /** Given out once, where the method has one. */
  readonly secret: string | undefined
}

/**
 * Decides what of a registration is registered under `clientId`: statement, policy, the rules that all clients are under.
 *
 * `kept` is the hash of a secret that stays as it is.
 */
export async function registeredRecord(
  asked: ClientRecord,
  clientId: string,
  certificate: TrustedCertificate | undefined,
  kept: unknown,
  ports: ClientRegistrationPorts,
  { policy, rules }: ClientRegistrationSettings,
  now: number,
): Promise<Result<RegisteredRecord, Failure>> {
  const stated = await statedMetadata(asked, policy, ports, now)
  if (!stated.ok) return stated
  const allowed = registrationRequest(asked, stated.value, policy, certificate?.trust)
  if (!allowed.ok) return allowed
  let record = allowed.value
  if (policy.rules === 'brazil') {
    if (stated.value === undefined) return fail({ reason: 'software_statement_missing' })
    if (certificate === undefined) return fail({ reason: 'certificate_missing', role: 'mtls', method: 'registration' })
    const brazilian = openFinanceBrasil(record, stated.value, directoryCertificate(certificate))
    if (!brazilian.ok) return brazilian
    record = { ...brazilian.value, ...directoryMembers(stated.value) }
  }
  const method = record['token_endpoint_auth_method']
  const hasSecret = method === 'client_secret_basic' || method === 'client_secret_post'
  const secret = hasSecret && kept === undefined ? ports.opaqueTokens.create().token : undefined
  const hash = secret === undefined ? kept : await ports.hashSecret(secret)
  const metadata = { ...record, client_id: clientId, ...(hasSecret ? { client_secret_hash: hash } : {}) }
  const parsed = parseClientMetadata(metadata, rules)
  if (!parsed.ok) return fail(registrationProblems(parsed.failure))
  const sector = await sectorProblem(metadata, parsed.value, ports)
  if (!sector.ok) return sector
  return ok({ metadata, client: parsed.value, secret })
}

/** A stranger's word for his sector is not taken: the document must say so (OpenID Connect Registration §5). */
async function sectorProblem(
  metadata: ClientRecord,
  { authorization }: RegisteredClient,
  { sectorDocuments }: ClientRegistrationPorts,
): Promise<Result<void, Failure>> {
  const uri = metadata['sector_identifier_uri']
  if (typeof uri !== 'string' || authorization === undefined) return ok(undefined)
  const path = 'sector_identifier_uri'
  if (sectorDocuments === undefined) return fail(registrationProblems([{ path, problem: 'cannot be fetched here' }]))
  const fetched = await reach('sector_documents', () => sectorDocuments.fetch(uri))
  if (!fetched.ok) return fetched
  const document = fetched.value
  if (!document.ok) return fail(registrationProblems([{ path, problem: document.failure.problem }]))
  const problem = sectorIdentifier(document.value, authorization.redirectUris)
  return problem === undefined ? ok(undefined) : fail(registrationProblems([problem]))
}

/** The JSON object that was sent. */
export function sentDocument(document: Result<string, Failure> | undefined): Result<ClientRecord, Failure> {
  if (document === undefined) return fail({ reason: 'registration_document_malformed', problem: 'missing' })
  return document.ok ? registrationDocument(document.value) : document
}

/** Who may look after the registration later: kept with it, read by nobody else. */
function directoryMembers(statement: ClientRecord): ClientRecord {
  return { [registeredStatement]: { software_id: statement['software_id'], org_id: statement['org_id'] } }
}

/** Where a record keeps for whom its statement was. No client can send it. */
export const registeredStatement = 'holdfast_software_statement'
