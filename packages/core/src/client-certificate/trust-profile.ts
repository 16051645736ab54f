import type { AnchorSet, PathCache, ValidatedPath } from '@holdfast/x509'
import type { CertificateIdentity } from './certificate-identity.ts'
import type { CertificateThumbprint } from './presented-certificate.ts'
import type { RevocationPolicy } from './revocation-policy.ts'
import type { SpiffeTrustDomain } from './spiffe-trust-domain.ts'

/** Which CAs may vouch for a client, with what was proven about them before. Replaced as a whole when the anchors change. */
export interface TrustProfile {
  readonly anchors: AnchorSet
  /** Verified issuers, so that a new leaf costs one signature check. */
  readonly issuers?: PathCache | undefined
  /** Good paths by leaf, so that a known leaf costs none. Bounded by the adapter. Dates are judged at every use. */
  readonly paths?: KnownPaths | undefined
  /** Milliseconds since any fixed moment: bounds the time spent on signature checks. */
  readonly elapsed?: (() => number) | undefined
  /** Absent: nobody is asked whether certificates are revoked. */
  readonly revocation?: RevocationPolicy | undefined
  /** Set where the anchors are the bundle of a SPIFFE trust domain: they vouch for its own SVIDs, until the bundle is stale. */
  readonly spiffe?: SpiffeTrustDomain | undefined
}

export interface KnownPaths {
  get(thumbprint: CertificateThumbprint): KnownPath | undefined
  set(thumbprint: CertificateThumbprint, known: KnownPath): unknown
}

/** A path that was found good, and whom the certificate at its end names. */
export interface KnownPath {
  readonly path: ValidatedPath
  readonly identity: CertificateIdentity
}
