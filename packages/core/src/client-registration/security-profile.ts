import { type JweAlgorithm, jweAlgorithmsOf, type JweEncoding } from '../jose/jwe-algorithm.ts'
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

/**
 * What is encrypted with. FAPI 1.0 Advanced §8.6.1: not RSA1_5. Open Finance Brasil Security Profile §7.2: RSA-OAEP with
 * A256GCM, and nothing else; elsewhere RSA-OAEP is only taken with SHA-256.
 */
export function encryptionMethods(profile: SecurityProfile): {
  readonly algorithms: readonly JweAlgorithm[]
  readonly encodings: readonly JweEncoding[]
} {
  if (profile === 'brazil') return { algorithms: ['RSA-OAEP'], encodings: ['A256GCM'] }
  return { algorithms: [...jweAlgorithmsOf.EC, 'RSA-OAEP-256'], encodings: ['A256GCM', 'A128GCM', 'A128CBC-HS256'] }
}

const allowed: { readonly [Profile in SecurityProfile]: readonly JwsAlgorithm[] } = {
  none: jwsAlgorithms,
  fapi2: ['ES256', 'EdDSA', 'PS256'],
  'fapi2-message-signing': ['ES256', 'EdDSA', 'PS256'],
  'fapi1-advanced': ['ES256', 'PS256'],
  brazil: ['PS256'],
}
