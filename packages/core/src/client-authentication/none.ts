import { ok, type Result } from '@holdfast/x509'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import { type AuthenticatedClient, authenticatedClient } from './authenticated-client.ts'

/** Takes a public client by its name (RFC 6749 §2.1): it proves nothing, and what it gets must be safe with that. */
export function none(client: RegisteredClient<'none'>): Result<AuthenticatedClient, never> {
  return ok(authenticatedClient(client))
}
