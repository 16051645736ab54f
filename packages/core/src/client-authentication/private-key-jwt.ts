import { fail, ok, type Result } from '@holdfast/x509'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { AssertionFailure, OutageFailure } from '../protocol-error/failure.ts'
import { type AuthenticatedClient, authenticatedClient } from './authenticated-client.ts'
import type { ClientAssertion } from './client-assertion.ts'

/** An assertion with the outcome of what had to be asked elsewhere. */
export interface AssertionEvidence {
  readonly assertion: ClientAssertion
  readonly signature:
    | 'verified'
    | { readonly refused: 'assertion_key_unknown' | 'assertion_signature_invalid'; readonly kid: string | undefined }
  /** What the replay store said; asked only when the signature was verified. */
  readonly use: 'first' | 'replayed' | 'full'
}

/**
 * Accepts the client whose registered key signed a fresh assertion.
 *
 * RFC 7523 §3, OpenID Connect Core §9. The claims were judged by client-assertion.ts.
 */
export function privateKeyJwt(
  client: RegisteredClient<'private_key_jwt'>,
  evidence: AssertionEvidence,
): Result<AuthenticatedClient, AssertionFailure | OutageFailure> {
  if (evidence.signature !== 'verified') {
    return fail({ reason: evidence.signature.refused, kid: evidence.signature.kid })
  }
  if (evidence.use === 'full') return fail({ reason: 'replay_memory_full' })
  if (evidence.use === 'replayed') return fail({ reason: 'assertion_replayed', jti: evidence.assertion.jti })
  return ok(authenticatedClient(client))
}
