import { fail, ok, type Result } from '@holdfast/x509'
import { parseScope } from '../client-registration/scope.ts'
import type { GrantFailure } from '../protocol-error/failure.ts'

/**
 * Decides the scope of a token: what was asked for, when all of it is registered; all that is registered, when nothing was.
 *
 * RFC 6749 §3.3. Less than was asked for is never granted in silence.
 */
export function grantedScope(
  requested: string | undefined,
  registered: readonly string[],
): Result<readonly string[], GrantFailure> {
  if (requested === undefined) return ok(registered)
  const scope = parseScope(requested)
  if (!scope.ok) return scope
  const refused = scope.value.filter((value) => !registered.includes(value))
  return refused.length === 0
    ? scope
    : fail({ reason: 'scope_not_registered', refused: refused.slice(0, maximumShown), registered })
}

/** Facts of a refusal go into every log record. */
const maximumShown = 20
