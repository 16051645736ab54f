import { fail, ok, type Result } from '@holdfast/x509'
import type { ClaimsRequest, IndividualClaim } from '../port/authorization-store.ts'
import type { RequestFailure } from '../protocol-error/failure.ts'

/**
 * Reads the parameter `claims`: which claims about the person the client wants, and where.
 *
 * OpenID Connect Core §5.5. Members that are not understood are left out (§5.5.1), what is not of the shape is malformed.
 */
export function claimsRequest(text: string | undefined): Result<ClaimsRequest | undefined, RequestFailure> {
  if (text === undefined) return ok(undefined)
  const value = text.length > maximumLength ? undefined : jsonObject(text)
  if (value === undefined) return malformed
  const places: { id_token?: Place; userinfo?: Place } = {}
  for (const place of ['id_token', 'userinfo'] as const) {
    const asked = value[place]
    if (!Object.hasOwn(value, place) || asked === null) continue
    const read = claimsOfPlace(asked)
    if (read === undefined) return malformed
    places[place] = read
  }
  return ok(places)
}

/** The values of a claim of the ID token that the client cannot do without, or would like; none when any will do. */
export function askedValues(
  claims: ClaimsRequest | undefined,
  claim: string,
  how: 'essential' | 'voluntary',
): readonly string[] {
  const asked = ownMember(claims?.id_token, claim)
  if ((asked?.essential === true ? 'essential' : 'voluntary') !== how || asked === undefined || asked === null)
    return []
  return [...(asked.value === undefined ? [] : [asked.value]), ...(asked.values ?? [])].filter(
    (value) => typeof value === 'string',
  )
}

/** The person whose ID token the client wants and nobody else's (OpenID Connect Core §5.5.1, `sub`). */
export function requestedSubject(claims: ClaimsRequest | undefined): string | undefined {
  const value = ownMember(claims?.id_token, 'sub')?.value
  return typeof value === 'string' ? value : undefined
}

type Place = Readonly<Record<string, IndividualClaim | null>>

function ownMember(place: Place | undefined, claim: string): IndividualClaim | null | undefined {
  return place !== undefined && Object.hasOwn(place, claim) ? place[claim] : undefined
}

function claimsOfPlace(asked: unknown): Place | undefined {
  if (!isObject(asked)) return undefined
  const entries: [string, IndividualClaim | null][] = []
  for (const [name, wish] of Object.entries(asked)) {
    const read = individualClaim(wish)
    if (read === undefined || entries.length === maximumClaims) return undefined
    entries.push([name, read])
  }
  return Object.fromEntries(entries)
}

function individualClaim(wish: unknown): IndividualClaim | null | undefined {
  if (wish === null) return null
  if (!isObject(wish)) return undefined
  const { essential, value, values } = wish
  if (essential !== undefined && typeof essential !== 'boolean') return undefined
  if (values !== undefined && !Array.isArray(values)) return undefined
  return {
    ...(essential === undefined ? {} : { essential }),
    ...(value === undefined ? {} : { value }),
    ...(values === undefined ? {} : { values: values as readonly unknown[] }),
  }
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const malformed: Result<never, RequestFailure> = fail({ reason: 'parameter_malformed', parameter: 'claims' })

/** Characters: every standard claim in both places, with room for values. It is kept with the authorization. */
const maximumLength = 8_192
const maximumClaims = 100
