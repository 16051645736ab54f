import { type Certificate, fail, ok, type Result, type RevocationStatus, type ValidatedPath } from '@holdfast/x509'
import type { CertificateFailure } from '../protocol-error/failure.ts'
import type { CertificateIdentity } from './certificate-identity.ts'
import type { CertificatePath } from './certificate-path.ts'
import type { CertificateThumbprint } from './presented-certificate.ts'
import { revocationVerdict } from './revocation-verdict.ts'
import type { PathEvidence } from './revocation-policy.ts'
import type { TrustProfile } from './trust-profile.ts'

/** A presented certificate for which a CA of one trust profile vouches, judged at the time of this request. */
export interface TrustedCertificate {
  readonly certificate: Certificate
  readonly thumbprint: CertificateThumbprint
  /** The name of the trust profile. */
  readonly trust: string
  readonly path: ValidatedPath
  readonly identity: CertificateIdentity
  /** What is known of each certificate of the path; `undefined` where the profile does not ask. */
  readonly revocation: RevocationStatus | undefined
  readonly [proof]: 'trusted'
}
declare const proof: unique symbol

/**
 * Trusts the certificate at the end of a path when no certificate of that path is revoked.
 *
 * RFC 8705 §2.1, RFC 5280 §6.3. The verdict of a terminator is not asked. `evidence` is what the profile's policy gathered
 * about this very path; where the profile has a policy and nothing was gathered, nothing is known. `now` in epoch seconds.
 */
export function trustedCertificate(
  { thumbprint, trust, path, identity }: CertificatePath,
  profile: TrustProfile,
  evidence: PathEvidence | undefined,
  now: number,
): Result<TrustedCertificate, CertificateFailure> {
  const certificate = path.certificates[0]!
  const { revocation: policy } = profile
  if (policy === undefined) {
    return ok({ certificate, thumbprint, trust, path, identity, revocation: undefined } as TrustedCertificate)
  }
  const verdict = revocationVerdict(path, profile.anchors, policy, evidence, now)
  if (verdict.ok) {
    return ok({ certificate, thumbprint, trust, path, identity, revocation: verdict.value } as TrustedCertificate)
  }
  const { failure } = verdict
  return failure.reason === 'certificate_revoked'
    ? fail({ ...failure, thumbprint, trust })
    : fail({ ...failure, thumbprint, trust, sources: evidence?.sources ?? [] })
}
