import type { SubjectPublicKey } from '../key/subject-public-key.ts'
import type { KeyRule } from './path-failure.ts'

/** Which keys and signatures a set of anchors takes. */
export interface KeyRules {
  readonly signatureAlgorithms: readonly string[]
  /** Key algorithms as in {@link SubjectPublicKey}. */
  readonly keyAlgorithms: readonly string[]
  readonly curves: readonly string[]
  readonly minimumRsaBits: number
  readonly maximumRsaBits: number
}

/** The rule that a key breaks, or undefined. Nothing is imported: sizes come from the key's octets. */
export function brokenKeyRule(key: SubjectPublicKey, rules: KeyRules): KeyRule | undefined {
  if (!rules.keyAlgorithms.includes(key.algorithm)) return 'algorithm'
  if (key.algorithm === 'ec') {
    if (key.curve === 'explicit') return 'explicit_parameters'
    return rules.curves.includes(key.curve ?? '') ? undefined : 'curve'
  }
  if (key.algorithm !== 'rsa' && key.algorithm !== 'rsa-pss') return undefined
  const isOddSize = key.bits % 8 !== 0
  if (isOddSize || key.bits < rules.minimumRsaBits || key.bits > rules.maximumRsaBits) return 'size'
  return (key.exponentBits ?? 0) > MAXIMUM_RSA_EXPONENT_BITS ? 'exponent' : undefined
}

/** What is sound today. ML-DSA counts where the platform has it. */
export const DEFAULT_KEY_RULES: KeyRules = {
  signatureAlgorithms: [
    'ecdsa-sha256',
    'ecdsa-sha384',
    'ecdsa-sha512',
    'rsa-sha256',
    'rsa-sha384',
    'rsa-sha512',
    'rsa-pss-sha256',
    'rsa-pss-sha384',
    'rsa-pss-sha512',
    'ed25519',
    'ed448',
    'ml-dsa-44',
    'ml-dsa-65',
    'ml-dsa-87',
  ],
  keyAlgorithms: ['ec', 'rsa', 'rsa-pss', 'ed25519', 'ed448', 'ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87'],
  curves: ['P-256', 'P-384', 'P-521'],
  minimumRsaBits: 2048,
  maximumRsaBits: 8192,
}

/** A check with a full-length exponent takes a hundred times as long; every exponent in use is 65537 or smaller. */
const MAXIMUM_RSA_EXPONENT_BITS = 32
