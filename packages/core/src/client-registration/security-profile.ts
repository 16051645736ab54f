import { type JwsAlgorithm, jwsAlgorithms } from '../jose/jws-algorithm.ts'

/** A set of rules that others wrote, chosen for the server or for one client: what it demands stands where it is enforced. */
export type SecurityProfile = 'none' | 'fapi2' | 'fapi2-message-signing' | 'fapi1-advanced' | 'brazil'

/** Every {@link SecurityProfile}. */
export const securityProfiles: readonly SecurityProfile[] = [
  'none',
  'fapi2',
  'fapi2-message-signing',
  'fapi1-advanced',
  'brazil',
]

/** What clients may sign with: FAPI 2.0 §5.4.1, FAPI 1.0 Advanced §8.6, Open Finance Brasil Security Profile §5.2.2. */
export function signatureAlgorithms(profile: SecurityProfile): readonly JwsAlgorithm[] {
  return allowed[profile]
}

const allowed: { readonly [Profile in SecurityProfile]: readonly JwsAlgorithm[] } = {
  none: jwsAlgorithms,
  fapi2: ['ES256', 'EdDSA', 'PS256'],
  'fapi2-message-signing': ['ES256', 'EdDSA', 'PS256'],
  'fapi1-advanced': ['ES256', 'PS256'],
  brazil: ['PS256'],
}
