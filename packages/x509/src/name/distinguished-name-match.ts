import type { DistinguishedName } from './distinguished-name.ts'

/**
 * Tells whether two names match: the same RDNs in the same order, each as a set of attributes equal by caseIgnoreMatch.
 *
 * The empty name matches nothing, itself included. RFC 4517 §4.2.15, RFC 5280 §7.1.
 */
export function distinguishedNameMatch(one: DistinguishedName, other: DistinguishedName): boolean {
  return one.canonical !== '' && one.canonical === other.canonical
}
