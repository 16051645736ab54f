import { type Certificate, fail, ok, type Result, type ValidatedPath, validatePath } from '@holdfast/x509'
import type { CertificateFailure, OutageFailure } from '../protocol-error/failure.ts'
import { type CertificateIdentity, certificateIdentity } from './certificate-identity.ts'
import type { CertificateThumbprint } from './presented-certificate.ts'
import { bundleOutage, foreignSvid } from './spiffe-trust-domain.ts'
import type { TrustProfile } from './trust-profile.ts'

/** A path from a certificate to an anchor of one trust profile. Whether anything on it is revoked was not asked yet. */
export interface CertificatePath {
  readonly thumbprint: CertificateThumbprint
  /** The name of the trust profile. */
  readonly trust: string
  readonly path: ValidatedPath
  /** Whom the certificate names. */
  readonly identity: CertificateIdentity
  readonly [proof]: 'found'
}
declare const proof: unique symbol

/**
 * Finds a path from a certificate to the anchors that may vouch for a client.
 *
 * RFC 8705 §2.1, RFC 5280 §6. `leaf` is the certificate with this thumbprint, `chain` what came along; `now` in epoch seconds.
 * A path that was found good before is taken again within its dates: nothing else that it was judged by can have changed,
 * since the profile would be another one.
 */
export function certificatePath(
  thumbprint: CertificateThumbprint,
  leaf: Certificate,
  chain: readonly Certificate[],
  trust: string,
  profile: TrustProfile,
  now: number,
): Result<CertificatePath, CertificateFailure | OutageFailure> {
  const outage = profile.spiffe && bundleOutage(profile.spiffe, trust, now)
  if (outage !== undefined) return fail(outage)
  const known = knownPath(thumbprint, trust, profile, now)
  if (known !== undefined) return ok(known)
  const foreign = profile.spiffe && foreignSvid(leaf, thumbprint, profile.spiffe, trust)
  if (foreign !== undefined) return fail(foreign)
  const path = validatePath(leaf, chain, profile.anchors, {
    now,
    ...(profile.issuers === undefined ? undefined : { cache: profile.issuers }),
    ...(profile.elapsed === undefined ? undefined : { elapsed: profile.elapsed }),
  })
  if (!path.ok) return fail({ reason: 'certificate_untrusted', thumbprint, trust, path: path.failure })
  const identity = certificateIdentity(path.value.certificates[0]!)
  profile.paths?.set(thumbprint, { path: path.value, identity })
  return ok({ thumbprint, trust, path: path.value, identity } as CertificatePath)
}

/** The path that was found before, if its certificates are valid now. */
export function knownPath(
  thumbprint: CertificateThumbprint,
  trust: string,
  profile: TrustProfile,
  now: number,
): CertificatePath | undefined {
  const known = profile.paths?.get(thumbprint)
  if (known === undefined || now < known.path.validFrom || known.path.validUntil < now) return undefined
  return { thumbprint, trust, path: known.path, identity: known.identity } as CertificatePath
}
