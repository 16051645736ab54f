import {
  type AnchorSet,
  type Certificate,
  fail,
  ok,
  type Result,
  type ValidatedPath,
  validatePath,
} from '@holdfast/x509'
import type { CertificateFailure } from '../protocol-error/failure.ts'
import type { PresentedCertificate } from './presented-certificate.ts'

/** A presented certificate for which a CA of one trust profile vouches, judged at the time of this request. */
export interface TrustedCertificate {
  readonly certificate: Certificate
  readonly thumbprint: PresentedCertificate['thumbprint']
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
 * `presented`; `now` in epoch seconds.
 */
export function trustedCertificate(
  presented: PresentedCertificate,
  leaf: Certificate,
  chain: readonly Certificate[],
  anchors: { readonly trust: string; readonly set: AnchorSet },
  now: number,
): Result<TrustedCertificate, CertificateFailure> {
  const path = validatePath(leaf, chain, anchors.set, { now })
  const { thumbprint } = presented
  if (!path.ok) {
    return fail({ reason: 'certificate_untrusted', thumbprint, trust: anchors.trust, path: path.failure })
  }
  return ok({ certificate: leaf, thumbprint, trust: anchors.trust, path: path.value } as TrustedCertificate)
}
