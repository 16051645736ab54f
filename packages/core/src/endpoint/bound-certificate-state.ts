import { type Certificate, ok, parseCertificate, type Result } from '@holdfast/x509'
import { type CertificatePath, certificatePath, knownPath } from '../client-certificate/certificate-path.ts'
import type { CertificateThumbprint } from '../client-certificate/presented-certificate.ts'
import { trustedCertificate } from '../client-certificate/trusted-certificate.ts'
import type { TrustProfile } from '../client-certificate/trust-profile.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { Failure } from '../protocol-error/failure.ts'
import type { AccessToken } from '../token/access-token.ts'
import type { TokenManagementPorts } from './ports.ts'
import { reach } from './reach.ts'

/** `usable` also stands for what cannot be known: only a certificate that is known to have fallen ends its tokens. */
export type BoundCertificateState =
  'usable' | 'certificate_revoked' | 'certificate_untrusted' | 'certificate_not_registered'

/**
 * Judges the certificate that a token is bound to as if it were presented now, though it is not here.
 *
 * `tls_client_auth`: path and revocation, by the trust of the client as it is now. `self_signed_tls_client_auth`: whether the
 * certificate is still registered; behind a `jwks_uri` that is not asked. Other methods say nothing about certificates.
 */
export async function boundCertificateState(
  token: AccessToken,
  owner: RegisteredClient,
  ports: TokenManagementPorts,
  now: number,
): Promise<Result<BoundCertificateState, Failure>> {
  const thumbprint = token.confirmation?.['x5t#S256'] as CertificateThumbprint | undefined
  if (thumbprint === undefined) return ok('usable')
  const { authentication } = owner
  if (authentication.method === 'self_signed_tls_client_auth') {
    const { thumbprints, jwksUri } = authentication
    return ok(jwksUri !== undefined || thumbprints.has(thumbprint) ? 'usable' : 'certificate_not_registered')
  }
  if (authentication.method !== 'tls_client_auth') return ok('usable')
  const { trust } = authentication
  const profile = ports.anchors.find(trust)
  if (profile === undefined) return ok('certificate_untrusted')
  const found = await rememberedPath(thumbprint, trust, profile, ports, now)
  if (!found.ok) return found
  return typeof found.value === 'string' ? ok(found.value) : trustState(found.value, profile, now)
}

async function rememberedPath(
  thumbprint: CertificateThumbprint,
  trust: string,
  profile: TrustProfile,
  ports: TokenManagementPorts,
  now: number,
): Promise<Result<CertificatePath | BoundCertificateState, Failure>> {
  const known = knownPath(thumbprint, trust, profile, now)
  if (known !== undefined) return ok(known)
  const kept = await reach('bound_certificates', () => ports.boundCertificates.find(thumbprint))
  if (!kept.ok) return kept
  const leaf = kept.value && parseCertificate(kept.value.der)
  if (leaf?.ok !== true) return ok('usable')
  const chain = kept.value?.chain.map((der) => parseCertificate(der)) ?? []
  const authorities: readonly Certificate[] = chain.flatMap((parsed) => (parsed.ok ? [parsed.value] : []))
  const found = certificatePath(thumbprint, leaf.value, authorities, trust, profile, now)
  if (found.ok) return ok(found.value)
  // Without a bundle nobody knows.
  const { reason } = found.failure
  return ok(reason === 'spiffe_bundle_missing' || reason === 'spiffe_bundle_stale' ? 'usable' : 'certificate_untrusted')
}

async function trustState(
  found: CertificatePath,
  profile: TrustProfile,
  now: number,
): Promise<Result<BoundCertificateState, Failure>> {
  const { revocation } = profile
  if (revocation === undefined) return ok('usable')
  const evidence = await reach('revocation', () => revocation.evidence(found.path, now))
  if (!evidence.ok) return evidence
  const judged = trustedCertificate(found, profile, evidence.value, now)
  return ok(!judged.ok && judged.failure.reason === 'certificate_revoked' ? 'certificate_revoked' : 'usable')
}
