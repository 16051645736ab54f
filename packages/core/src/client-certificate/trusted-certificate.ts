import { type Certificate, fail, ok, type Result, type ValidatedPath, validatePath } from '@holdfast/x509'
import type { CertificateFailure } from '../protocol-error/failure.ts'
import type { CertificateThumbprint, PresentedCertificate } from './presented-certificate.ts'
import type { TrustProfile } from './trust-profile.ts'

/** A presented certificate for which a CA of one trust profile vouches, judged at the time of this request. */
export interface TrustedCertificate {
  readonly certificate: Certificate
  readonly thumbprint: CertificateThumbprint
  /** The name of the trust profile. */
  readonly trust: string
  readonly path: ValidatedPath
  readonly [proof]: 'trusted'
}
declare const proof: unique symbol

/**
 * Judges the chain of a presented certificate against the anchors that may vouch for this client.
 *
 * RFC 8705 §2.1, RFC 5280 §6. The verdict of a terminator is not asked. `leaf` and `chain` are the parsed certificates of
 * `presented`; `now` in epoch seconds. A path that was found good before is taken again within its dates: nothing else that
 * it was judged by can have changed, since the profile would be another one.
 */
export function trustedCertificate(
  presented: PresentedCertificate,
  leaf: Certificate,
  chain: readonly Certificate[],
  trust: string,
  profile: TrustProfile,
  now: number,
): Result<TrustedCertificate, CertificateFailure> {
  const { thumbprint } = presented
  const known = profile.paths?.get(thumbprint)
  if (known !== undefined && known.validFrom <= now && now <= known.validUntil) {
    return ok({ certificate: leaf, thumbprint, trust, path: known } as TrustedCertificate)
  }
  const path = validatePath(leaf, chain, profile.anchors, {
    now,
    ...(profile.issuers === undefined ? undefined : { cache: profile.issuers }),
    ...(profile.elapsed === undefined ? undefined : { elapsed: profile.elapsed }),
  })
  if (!path.ok) return fail({ reason: 'certificate_untrusted', thumbprint, trust, path: path.failure })
  profile.paths?.set(thumbprint, path.value)
  return ok({ certificate: leaf, thumbprint, trust, path: path.value } as TrustedCertificate)
}
