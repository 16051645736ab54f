import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { SignatureAlgorithm } from '../key/signature-algorithm.ts'
import type { CertificationAuthority } from './certification-authority.ts'
import { isOutOfTime, type SearchBudget, spend } from './search-budget.ts'

export type SignatureVerdict = 'good' | 'bad' | 'algorithm_mismatch' | 'key_unusable' | 'budget_exceeded'

/** Something signed: a certificate, a CRL, an OCSP response. */
export interface Signed {
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
}

/** Checks a signature with the key of `signer`, which is imported once and kept with it, and charges the time it took. */
export function verifySignature(
  signed: Signed,
  signer: CertificationAuthority,
  budget: SearchBudget,
): SignatureVerdict {
  const { signatureAlgorithm: algorithm, tbs, signature } = signed
  const keyAlgorithm = signer.certificate.publicKey.algorithm
  const pssKey = keyAlgorithm === 'rsa-pss' && algorithm.saltLength !== undefined
  if (algorithm.key !== keyAlgorithm && !(algorithm.key === 'rsa' && pssKey)) return 'algorithm_mismatch'
  if (!spend(budget, 'signatures')) return 'budget_exceeded'
  const begun = budget.elapsed()
  const key = usableKey(signer)
  const good = key !== null && isGood(algorithm, tbs, key, signature)
  budget.signatureTime -= budget.elapsed() - begun
  if (key === null) return 'key_unusable'
  if (good) return 'good'
  if (!isOutOfTime(budget)) return 'bad'
  budget.exceeded ??= 'signature_time'
  return 'budget_exceeded'
}

function isGood(algorithm: SignatureAlgorithm, tbs: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  try {
    if (algorithm.saltLength === undefined) return verify(algorithm.digest, tbs, key, signature)
    const { RSA_PKCS1_PSS_PADDING: padding } = constants
    return verify(algorithm.digest, tbs, { key, padding, saltLength: algorithm.saltLength }, signature)
  } catch {
    return false
  }
}

function usableKey(signer: CertificationAuthority): KeyObject | null {
  if (signer.key === undefined) signer.key = importKey(signer.certificate.publicKey.spki)
  return signer.key as KeyObject | null
}

/** Whether the platform knows an algorithm (ML-DSA needs OpenSSL 3.5) shows in whether it takes the key. */
function importKey(spki: Uint8Array): KeyObject | null {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' })
  } catch {
    return null
  }
}

/** Imports the key of an authority and tells whether the platform can use it. */
export function hasUsableKey(signer: CertificationAuthority): boolean {
  return usableKey(signer) !== null
}
