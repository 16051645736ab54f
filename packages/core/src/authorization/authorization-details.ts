import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthorizationDetail } from '../port/authorization-store.ts'
import type { AuthorizationFailure } from '../protocol-error/authorization-failure.ts'

/** What a type of authorization details may hold besides the common members (RFC 9396 §2.2). */
export interface AuthorizationDetailsType {
  readonly required: readonly string[]
  readonly optional: readonly string[]
}

/**
 * Reads `authorization_details` and judges every object by its type.
 *
 * RFC 9396 §2, §5: a type that is not offered or not registered, a member that the type does not know, a missing one and a
 * common member of another shape are all refused. `offered` are the types of this server, `registered` those of the client.
 */
export function authorizationDetails(
  text: string | undefined,
  offered: ReadonlyMap<string, AuthorizationDetailsType>,
  registered: readonly string[],
): Result<readonly AuthorizationDetail[], AuthorizationFailure> {
  if (text === undefined) return ok([])
  if (text.length > maximumLength) return malformed(`longer than ${maximumLength} characters`)
  const list = jsonArray(text)
  if (list === undefined) return malformed('not a JSON array')
  if (list.length === 0) return malformed('an empty array')
  if (list.length > maximumDetails) return malformed(`more than ${maximumDetails} objects`)
  const details: AuthorizationDetail[] = []
  for (const [index, one] of list.entries()) {
    if (!isDetail(one)) return malformed(`[${index}] is not an object with a type`)
    const type = registered.includes(one.type) ? offered.get(one.type) : undefined
    if (type === undefined) {
      return fail({
        reason: 'authorization_details_type_refused',
        presented: one.type.slice(0, maximumShown),
        registered,
      })
    }
    const problem = problemOf(one, type)
    if (problem !== undefined) return malformed(`[${index}] ${problem}`)
    details.push(one)
  }
  return ok(details)
}

function problemOf(detail: AuthorizationDetail, type: AuthorizationDetailsType): string | undefined {
  for (const member of type.required) {
    if (!Object.hasOwn(detail, member)) return `lacks ${member}`
  }
  for (const [member, value] of Object.entries(detail)) {
    if (member === 'type') continue
    const common = commonMembers.get(member)
    if (common !== undefined && !common(value)) return `has a malformed ${member}`
    if (common === undefined && !type.required.includes(member) && !type.optional.includes(member)) {
      return `has a member that ${detail.type} does not know: ${member.slice(0, maximumShown)}`
    }
  }
  return undefined
}

function jsonArray(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isDetail(value: unknown): value is AuthorizationDetail {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.hasOwn(value, 'type') &&
    typeof (value as { readonly type: unknown }).type === 'string'
  )
}

function malformed(problem: string): Result<never, AuthorizationFailure> {
  return fail({ reason: 'authorization_details_malformed', problem })
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

/** RFC 9396 §2.2. */
const commonMembers: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['locations', isTexts],
  ['actions', isTexts],
  ['datatypes', isTexts],
  ['identifier', (value) => typeof value === 'string'],
  ['privileges', isTexts],
])

/** Characters: they are kept with the authorization and stand in its access tokens. */
const maximumLength = 8_192
const maximumDetails = 20
const maximumShown = 100
