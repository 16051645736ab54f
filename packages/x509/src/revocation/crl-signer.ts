import type { Certificate } from '../certificate/certificate.ts'
import { sameOctets } from '../certificate/parse-certificate.ts'
import { ANY_EXTENDED_KEY_USAGE } from '../extension/extended-key-usage.ts'
import type { AnchorSet } from '../path/anchor-set.ts'
import type { CertificationAuthority } from '../path/certification-authority.ts'
import type { SearchBudget } from '../path/search-budget.ts'
import { searchPath } from '../path/search-path.ts'
import { verifySignature } from '../path/verify-signature.ts'
import type { CertificateRevocationList } from './certificate-revocation-list.ts'
import type { RevocationProblem } from './revocation-failure.ts'

/** Who vouches for revocation data: the CAs of the path in question, and where further ones may be found. */
export interface SignerContext {
  /** The CAs of the path, the anchor among them: already trusted. */
  readonly authorities: readonly CertificationAuthority[]
  readonly pool: readonly CertificationAuthority[]
  /** Only the anchor that the path ended at. */
  readonly anchors: AnchorSet
  readonly now: number
  readonly budget: SearchBudget
}

/** A trusted signer, and the certificates above it whose own revocation matters when it does not stand in the path. */
export interface TrustedSigner {
  readonly certificate: Certificate
  readonly path: readonly CertificationAuthority[]
}

/**
 * Finds who signed a CRL: a CA of the right name whose key verifies it, that may sign CRLs, and that the same anchor vouches for.
 *
 * RFC 5280 §6.3.3 (f), (g). A signature that was verified once is not computed again.
 */
export function crlSigner(crl: CertificateRevocationList, context: SignerContext): TrustedSigner | RevocationProblem {
  let problem: RevocationProblem = 'crl_signer_unknown'
  for (const candidate of candidates(crl, context)) {
    const { certificate } = candidate
    if (certificate.keyUsage?.includes('cRLSign') === false) continue
    const signed = isSignedBy(crl, candidate, context)
    if (context.budget.exceeded !== undefined) return 'budget_exceeded'
    if (!signed) {
      problem = 'crl_signature_invalid'
      continue
    }
    if (context.authorities.includes(candidate)) return { certificate, path: [] }
    const path = pathOf(certificate, context)
    if (path !== undefined) return { certificate, path }
    problem = 'crl_signer_not_trusted'
  }
  return problem
}

function* candidates(crl: CertificateRevocationList, context: SignerContext): Generator<CertificationAuthority> {
  const wanted = crl.authorityKeyIdentifier?.keyIdentifier
  const seen: CertificationAuthority[] = []
  const configured = context.anchors.intermediatesByName.get(crl.issuer.canonical) ?? []
  for (const candidate of [...context.authorities, ...configured, ...context.pool]) {
    const { subject, subjectKeyIdentifier: present, der } = candidate.certificate
    if (crl.issuer.canonical === '' || subject.canonical !== crl.issuer.canonical) continue
    if (wanted !== undefined && present !== undefined && !sameOctets(wanted, present)) continue
    if (seen.some((known) => sameOctets(known.certificate.der, der))) continue
    seen.push(candidate)
    yield candidate
  }
}

function isSignedBy(crl: CertificateRevocationList, signer: CertificationAuthority, context: SignerContext): boolean {
  const { spki } = signer.certificate.publicKey
  if (!context.anchors.settings.keys.signatureAlgorithms.includes(crl.signatureAlgorithm.name)) return false
  if (crl.tbs === undefined) return crl.signedBy !== undefined && sameOctets(crl.signedBy, spki)
  const { tbs, signatureAlgorithm, signature } = crl
  if (verifySignature({ tbs, signatureAlgorithm, signature }, signer, context.budget) !== 'good') return false
  // Only one key signed it: from here on its octets, which may be megabytes, are not needed.
  crl.signedBy = spki.slice()
  crl.tbs = undefined
  return true
}

/** The signer's own path to the same anchor, the signer first, without the anchor. It may sign CRLs only: nothing else is asked of it. */
export function pathOf(signer: Certificate, context: SignerContext): readonly CertificationAuthority[] | undefined {
  const settings = {
    ...context.anchors.settings,
    purpose: ANY_EXTENDED_KEY_USAGE,
    keyUsage: [],
    leafAuthority: 'accept' as const,
    policies: undefined,
    explicitPolicy: 'not_required' as const,
  }
  const anchors = { ...context.anchors, settings }
  const pool = [...context.authorities.filter(({ source }) => source !== 'anchor'), ...context.pool]
  const found = searchPath(signer, pool, anchors, { now: context.now, settings, budget: context.budget })
  return found.ok ? found.value.state.authorities.slice(1).reverse() : undefined
}
