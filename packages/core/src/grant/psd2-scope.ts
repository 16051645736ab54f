import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { GrantFailure } from '../protocol-error/failure.ts'

/**
 * Keeps the scope of a token within the roles that the client's certificate states (ETSI TS 119 495 §5.1).
 *
 * RFC 6749 §3.3. What was asked for and needs a role that is not there is refused as a whole, never granted in part. Who asked
 * for nothing gets what the roles allow; when they allow none of it, there is nothing to give.
 */
export function psd2Scope(
  scope: readonly string[],
  asked: 'for-this' | 'for-the-default',
  { client: { authentication }, identity }: AuthenticatedClient,
): Result<readonly string[], GrantFailure> {
  const needed = authentication.method === 'tls_client_auth' ? authentication.psd2?.scopes : undefined
  if (needed === undefined || needed.size === 0) return ok(scope)
  const psd2 = identity?.psd2
  const roles = psd2?.ok === true ? psd2.value.roles : []
  const allowed = scope.filter((value) => needed.get(value)?.some((role) => roles.includes(role)) ?? true)
  if (allowed.length === scope.length || (asked === 'for-the-default' && allowed.length > 0)) return ok(allowed)
  const refused = scope.filter((value) => !allowed.includes(value)).slice(0, maximumShown)
  return fail({
    reason: 'scope_beyond_psd2_roles',
    refused,
    needed: Object.fromEntries(refused.map((value) => [value, needed.get(value) ?? []])),
    roles,
    ...(psd2?.ok === true ? { authority: psd2.value.competentAuthorityId } : {}),
    ...(psd2?.ok === false ? { problem: psd2.failure.reason } : {}),
  })
}

/** Facts of a refusal go into every log record. */
const maximumShown = 20
