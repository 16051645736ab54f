import type { Certificate } from '../certificate/certificate.ts'
import { sameOctets } from '../certificate/parse-certificate.ts'
import { certificationAuthority } from '../path/certification-authority.ts'
import { searchBudget } from '../path/search-budget.ts'
import { verifySignature } from '../path/verify-signature.ts'
import type { CertificateRevocationList } from './certificate-revocation-list.ts'

/** What the candidates say about a CRL: one of them signed it, all that bear its issuer's name did not, or none bears it. */
export type CrlSignature = 'verified' | 'invalid' | 'signer_unknown'

/**
 * Checks the signature of a CRL ahead of its use, where a large list can be hashed without anybody waiting.
 *
 * A verified list keeps the key that signed it and lets its octets go. That the key may sign CRLs and is trusted is decided
 * at every use: see crl-signer.ts. RFC 5280 §6.3.3 (g).
 */
export function verifyCrlSignature(crl: CertificateRevocationList, candidates: readonly Certificate[]): CrlSignature {
  const wanted = crl.authorityKeyIdentifier?.keyIdentifier
  let signature: CrlSignature = 'signer_unknown'
  for (const candidate of candidates) {
    const present = candidate.subjectKeyIdentifier
    if (crl.issuer.canonical === '' || candidate.subject.canonical !== crl.issuer.canonical) continue
    if (wanted !== undefined && present !== undefined && !sameOctets(wanted, present)) continue
    signature = 'invalid'
    if (!isSignedBy(crl, candidate)) continue
    crl.signedBy = candidate.publicKey.spki.slice()
    crl.tbs = undefined
    return 'verified'
  }
  return signature
}

function isSignedBy(crl: CertificateRevocationList, candidate: Certificate): boolean {
  const { spki } = candidate.publicKey
  if (crl.tbs === undefined) return crl.signedBy !== undefined && sameOctets(crl.signedBy, spki)
  const { tbs, signatureAlgorithm, signature } = crl
  const signer = certificationAuthority(candidate, 'presented')
  return verifySignature({ tbs, signatureAlgorithm, signature }, signer, searchBudget()) === 'good'
}
