import { type Certificate, x509Svid } from '@holdfast/x509'
import type { CertificateFailure, OutageFailure } from '../protocol-error/failure.ts'
import type { CertificateThumbprint } from './presented-certificate.ts'

/** The trust domain whose bundle the anchors of a trust profile come from. */
export interface SpiffeTrustDomain {
  readonly name: string
  /** Epoch seconds until which the bundle vouches for anybody; `undefined` while there has never been one. */
  readonly bundleUntil: number | undefined
}

/** Says why nobody of this trust domain can be trusted at `now`, epoch seconds. SPIFFE Federation §4: a bundle has an end. */
export function bundleOutage(
  { name: trustDomain, bundleUntil }: SpiffeTrustDomain,
  trust: string,
  now: number,
): OutageFailure | undefined {
  if (bundleUntil === undefined) return { reason: 'spiffe_bundle_missing', trust, trustDomain }
  return now > bundleUntil ? { reason: 'spiffe_bundle_stale', trust, trustDomain, until: bundleUntil, now } : undefined
}

/**
 * Says why a leaf is no SVID of this trust domain. Asked before any path is looked for, so that no domain's anchors ever vouch
 * for a name of another one. X509-SVID §2, §4, §5.
 */
export function foreignSvid(
  leaf: Certificate,
  thumbprint: CertificateThumbprint,
  { name: trustDomain }: SpiffeTrustDomain,
  trust: string,
): CertificateFailure | undefined {
  const svid = x509Svid(leaf)
  if (!svid.ok) return { reason: 'certificate_not_svid', thumbprint, trust, problem: svid.failure }
  const presented = svid.value.trustDomain
  return presented === trustDomain
    ? undefined
    : { reason: 'spiffe_trust_domain_mismatch', thumbprint, trust, expected: trustDomain, presented }
}
