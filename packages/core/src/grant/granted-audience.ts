import { fail, ok, type Result } from '@holdfast/x509'
import { isResourceIdentifier } from '../client-registration/resource-identifier.ts'
import type { GrantFailure } from '../protocol-error/failure.ts'

/**
 * Decides whom a token is for.
 *
 * RFC 8707 §2: the named resource, when the client registered it. RFC 9068 §3: without one, the default, which is the first
 * that the client registered, else the server's. Compared character by character.
 */
export function grantedAudience(
  requested: string | undefined,
  registered: readonly string[],
  defaultAudience: readonly string[],
): Result<readonly string[], GrantFailure> {
  const allowed = registered.length === 0 ? defaultAudience : registered
  if (requested === undefined) return ok(registered.length > 1 ? registered.slice(0, 1) : allowed)
  if (!isResourceIdentifier(requested)) {
    return fail({ reason: 'resource_malformed', presented: requested.slice(0, maximumShown) })
  }
  return allowed.includes(requested)
    ? ok([requested])
    : fail({ reason: 'resource_not_registered', presented: requested.slice(0, maximumShown), registered: allowed })
}

/** Facts of a refusal go into every log record. */
const maximumShown = 200
