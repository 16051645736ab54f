import type { AttributeTypeAndValue, DistinguishedName } from './distinguished-name.ts'

/**
 * Tells whether two names are the same character for character: case, spaces and accents count, the string type does not.
 *
 * Stricter than distinguishedNameMatch, for deployments whose CA tells `alice` and `Alice` apart.
 */
export function exactNameMatch(one: DistinguishedName, other: DistinguishedName): boolean {
  if (one.rdns.length === 0 || one.rdns.length !== other.rdns.length) return false
  return one.rdns.every((rdn, at) => exactText(rdn) === exactText(other.rdns[at]!))
}

function exactText(rdn: readonly AttributeTypeAndValue[]): string {
  return JSON.stringify(
    rdn.map(({ type, text, der }) => `${type}${text === undefined ? `#${der.join()}` : `=${text}`}`).sort(),
  )
}
