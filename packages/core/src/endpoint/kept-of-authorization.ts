import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthorizationStore, IssuedTokens } from '../port/authorization-store.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { reach } from './reach.ts'

/** Keeps what is issued from an authorization, so that it ends with it; refused when that has ended meanwhile. */
export async function keptOfAuthorization(
  authorizationId: string,
  tokens: IssuedTokens,
  authorizations: Pick<AuthorizationStore, 'issue'>,
): Promise<Result<void, Failure>> {
  const kept = await reach('authorizations', () => authorizations.issue(authorizationId, tokens))
  if (!kept.ok) return kept
  return kept.value === 'issued' ? ok(undefined) : fail({ reason: 'authorization_ended', authorizationId })
}
