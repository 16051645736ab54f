import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthorizationDetail } from '../port/authorization-store.ts'
import type { AuthorizationFailure } from '../protocol-error/authorization-failure.ts'
import type { DelegatedGrantFailure } from '../protocol-error/delegated-grant-failure.ts'

/**
 * Decides which of the granted authorization details a token is for: all, or those that the request names.
 *
 * RFC 9396 §6. What is named must be one of the granted objects as a whole, whatever the order of its members: whether one
 * object is less than another only the API behind it knows.
 */
export function grantedDetails(
  requested: string | undefined,
  granted: readonly AuthorizationDetail[] | undefined,
): Result<readonly AuthorizationDetail[] | undefined, DelegatedGrantFailure | AuthorizationFailure> {
  if (requested === undefined) return ok(granted)
  const list = requested.length > maximumLength || isDeep(requested) ? undefined : jsonArray(requested)
  if (list === undefined) return fail({ reason: 'authorization_details_malformed', problem: 'not a JSON array' })
  const known = (granted ?? []).map((detail) => [canonical(detail), detail] as const)
  const named: AuthorizationDetail[] = []
  for (const [index, one] of list.entries()) {
    const text = canonical(one)
    const found = known.find(([candidate]) => candidate === text)?.[1]
    if (found === undefined) return fail({ reason: 'authorization_details_exceed_grant', index })
    if (!named.includes(found)) named.push(found)
  }
  return ok(named)
}

/** The value as JSON with the members of every object in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_member, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  )
}

function jsonArray(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.length > 0 ? (value as readonly unknown[]) : undefined
  } catch {
    return undefined
  }
}

/** Whether objects and arrays are nested further than any detail is; brackets within strings count too, which does no harm. */
function isDeep(text: string): boolean {
  let depth = 0
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1
    else if (character === ']' || character === '}') depth -= 1
    if (depth > maximumDepth) return true
  }
  return false
}

/** Comparing recurses. */
const maximumDepth = 20
/** As much as a request for authorization may have. */
const maximumLength = 16_384
