import { fail, ok, type Result } from '@holdfast/x509'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { ClientFailure } from '../protocol-error/failure.ts'
import { type AuthenticatedClient, authenticatedClient } from './authenticated-client.ts'

/** The outcome of comparing a presented secret with the registered hash. */
export interface SecretEvidence {
  readonly secret: 'matched' | 'mismatched'
}

/** Accepts the client that sent its secret in the `Authorization` header (RFC 6749 §2.3.1). */
export function clientSecretBasic(
  client: RegisteredClient<'client_secret_basic'>,
  evidence: SecretEvidence,
): Result<AuthenticatedClient, ClientFailure> {
  return evidence.secret === 'matched' ? ok(authenticatedClient(client)) : fail({ reason: 'client_secret_mismatch' })
}
