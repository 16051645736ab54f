import { fail, ok, type Result } from '@holdfast/x509'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { LiveAuthorization } from '../grant/within-authorization.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { subjectIdentifier } from '../token/subject-identifier.ts'
import type { DelegatedGrantPorts } from './delegated-grant-ports.ts'
import { reach } from './reach.ts'

/** An authorization that stands, and what is known about the person who gave it. */
export interface PersonsAuthorization extends Omit<LiveAuthorization, 'scope'> {
  /** Without `sub`. */
  readonly person: Readonly<Record<string, unknown>>
}

/**
 * Finds an authorization; refused once it has ended, or when its person is gone or may not log in.
 *
 * `whose`: an exchanged token lives by the authorization of another client (RFC 8693), a code or refresh token never does.
 */
export async function liveAuthorization(
  id: string,
  client: RegisteredClient,
  ports: Pick<DelegatedGrantPorts, 'authorizations' | 'people' | 'pairwise'>,
  now: number,
  whose: 'of_this_client' | 'of_any_client' = 'of_this_client',
): Promise<Result<PersonsAuthorization, Failure>> {
  const found = await reach('authorizations', () => ports.authorizations.find(id))
  if (!found.ok) return found
  const record = found.value
  const foreign = whose === 'of_this_client' && record?.clientId !== client.clientId
  if (record === undefined || foreign || record.expiresAt <= now) {
    return fail({ reason: 'authorization_ended', authorizationId: id })
  }
  const person = await reach('people', () => ports.people.claimsOf(record.subject))
  if (!person.ok) return person
  if (person.value === undefined) return fail({ reason: 'person_gone', authorizationId: id })
  return ok({ id, record, person: person.value, subject: subjectIdentifier(record.subject, client, ports.pairwise) })
}
