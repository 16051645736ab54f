import { fail, ok, type Result } from '@holdfast/x509'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { ClientFailure } from '../protocol-error/failure.ts'
import { type AuthenticatedClient, authenticatedClient } from './authenticated-client.ts'
import type { SecretEvidence } from './client-secret-basic.ts'

/** Accepts the client that sent its secret as a parameter of the form (RFC 6749 §2.3.1). */
export function clientSecretPost(
  client: RegisteredClient<'client_secret_post'>,
  evidence: SecretEvidence,
): Result<AuthenticatedClient, ClientFailure> {
  return evidence.secret === 'matched' ? ok(authenticatedClient(client)) : fail({ reason: 'client_secret_mismatch' })
}
