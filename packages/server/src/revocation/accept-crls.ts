import { fail, formatDistinguishedName, ok } from '@holdfast/x509'
import type { CertificateRevocationList, Result } from '@holdfast/x509'
import type { ParsedCrl } from './parse-crls.ts'

/**
 * Decides whether newly read CRLs of one place may take the place of those at hand.
 *
 * What forges, repeats or cuts off an answer must not make a known revocation unknown: a list whose signature does not fit is
 * refused, one that nobody known signed never replaces a verified one, and none goes back in time. The lists at hand are kept
 * when the new ones say the same.
 */
export function acceptCrls(
  current: readonly CertificateRevocationList[],
  parsed: readonly ParsedCrl[],
  origin: string,
): Result<readonly CertificateRevocationList[], { readonly problem: string }> {
  if (parsed.length === 0) return fail({ problem: 'no CRL in it' })
  const verified = current.some(({ tbs }) => tbs === undefined)
  for (const { crl, signature } of parsed) {
    const issuer = formatDistinguishedName(crl.issuer)
    if (signature === 'invalid') return fail({ problem: `not signed with the key of ${issuer}` })
    if (signature === 'signer_unknown' && verified) {
      return fail({ problem: `signed by ${issuer}, which is unknown here, unlike the one at hand` })
    }
    const before = current.find((known) => isOfOneKind(known, crl))
    if (before !== undefined && crl.thisUpdate < before.thisUpdate) {
      return fail({ problem: `older than the one at hand (${crl.thisUpdate} before ${before.thisUpdate})` })
    }
  }
  const same = parsed.length === current.length && parsed.every(({ crl }, index) => isSame(crl, current[index]))
  return ok(same ? current : parsed.map(({ crl }) => ({ ...crl, origin })))
}

function isOfOneKind(one: CertificateRevocationList, other: CertificateRevocationList): boolean {
  return (
    one.issuer.canonical === other.issuer.canonical &&
    one.issuingDistributionPoint?.identity === other.issuingDistributionPoint?.identity &&
    (one.baseCrlNumber === undefined) === (other.baseCrlNumber === undefined)
  )
}

/** Equal signatures: the same octets, whoever signed them. One that is verified by now is worth more. */
function isSame(one: CertificateRevocationList, other: CertificateRevocationList | undefined): boolean {
  if (other === undefined || (one.tbs === undefined && other.tbs !== undefined)) return false
  return Buffer.compare(one.signature, other.signature) === 0 && isOfOneKind(one, other)
}
