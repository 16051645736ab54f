import { fail, ok, type Result } from '@holdfast/x509'
import { type CertificatePath, certificatePath } from '../client-certificate/certificate-path.ts'
import type { PresentedCertificate } from '../client-certificate/presented-certificate.ts'
import type { PathEvidence } from '../client-certificate/revocation-policy.ts'
import { type TrustedCertificate, trustedCertificate } from '../client-certificate/trusted-certificate.ts'
import type { TrustProfile } from '../client-certificate/trust-profile.ts'
import type { Awaitable } from '../port/awaitable.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { andThen } from './and-then.ts'
import { auditContext } from './audit-context.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import type { StepRecorder } from './explanation.ts'
import type { ClientAuthenticationPorts } from './ports.ts'
import { reach } from './reach.ts'

/** Who shows a certificate, and where it is judged. */
export interface Asking {
  readonly clientId: string | undefined
  readonly request: BackChannelRequest
  readonly ports: ClientAuthenticationPorts
  /** Epoch seconds. */
  readonly now: number
  readonly explain?: StepRecorder | undefined
}

/** Judges the certificate of a request by one trust profile: its path, and what is known of the revocation of each certificate on it. */
export function trustedByProfile(
  presented: PresentedCertificate,
  trust: string,
  asking: Asking,
): Awaitable<Result<TrustedCertificate, Failure>> {
  const { ports, now, explain } = asking
  const leaf = ports.certificates.leaf(presented)
  const { thumbprint } = presented
  if (!leaf.ok) return fail({ reason: 'certificate_malformed', thumbprint, problem: leaf.failure })

  explain?.begin('trust')
  const profile = ports.anchors.find(trust)
  if (profile === undefined) return fail({ reason: 'trust_unavailable', trust })
  const chain = ports.certificates.chain(presented)
  const found = certificatePath(thumbprint, leaf.value, chain, trust, profile, now)
  if (!found.ok) return found
  const { path } = found.value
  explain?.passed({
    trust,
    certificates: path.certificates.length,
    validFrom: path.validFrom,
    validUntil: path.validUntil,
  })
  const { revocation } = profile
  if (revocation === undefined) return judged(found.value, profile, undefined, asking)
  explain?.begin('revocation')
  return andThen(
    reach('revocation', () => revocation.evidence(path, now)),
    (evidence) => judged(found.value, profile, evidence, asking),
  )
}

/** Judges the path by what is known of its certificates, and writes down where that is too little. */
function judged(
  found: CertificatePath,
  profile: TrustProfile,
  evidence: PathEvidence | undefined,
  asking: Asking,
): Awaitable<Result<TrustedCertificate, Failure>> {
  const trusted = trustedCertificate(found, profile, evidence, asking.now)
  if (!trusted.ok) return trusted
  return andThen(noteUnknownRevocation(trusted.value, evidence, asking), () => {
    if (profile.revocation !== undefined) {
      const { certificates: statuses = [], validUntil } = trusted.value.revocation ?? {}
      asking.explain?.passed({ statuses, validUntil, sources: evidence?.sources ?? [] })
    }
    return ok(trusted.value)
  })
}

/** What was let in without knowing is written down each time. */
function noteUnknownRevocation(
  { trust, revocation }: TrustedCertificate,
  evidence: PathEvidence | undefined,
  { clientId, request, ports, now }: Asking,
): Awaitable<Result<void, Failure>> {
  if (revocation === undefined || revocation.certificates.every(({ status }) => status !== 'unknown')) {
    return ok(undefined)
  }
  const { certificates } = revocation
  const context = { ...auditContext(request, ports, now), clientId }
  const sources = evidence?.sources ?? []
  return reach('audit', () =>
    ports.audit.record({ ...context, event: 'unknown_revocation_accepted', trust, certificates, sources }),
  )
}
