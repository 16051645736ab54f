import {
  type AnchorSet,
  checkRevocation,
  type Result,
  type RevocationFailure,
  type RevocationStatus,
  type ValidatedPath,
} from '@holdfast/x509'
import type { PathEvidence, RevocationPolicy } from './revocation-policy.ts'

/**
 * Decides by the evidence whether a certificate of the path is revoked, at most once for the same evidence while it lasts.
 *
 * Only a verdict in which everything is known is kept: what is not known may be known by the next second. `now` in epoch
 * seconds.
 */
export function revocationVerdict(
  path: ValidatedPath,
  anchors: AnchorSet,
  policy: RevocationPolicy,
  evidence: PathEvidence | undefined,
  now: number,
): Result<RevocationStatus, RevocationFailure> {
  const known = evidence && policy.verdicts?.get(evidence)
  if (known !== undefined && known.from <= now && now <= known.until) return known.verdict
  const { mode, grace, skipIfLifetimeBelow } = policy
  const verdict = checkRevocation(path, evidence ?? {}, anchors, { now, mode, grace, skipIfLifetimeBelow })
  const lasts = verdict.ok && verdict.value.certificates.every(({ status }) => status !== 'unknown')
  if (evidence !== undefined) {
    policy.verdicts?.set(evidence, { from: now, until: lasts ? verdict.value.validUntil : now, verdict })
  }
  return verdict
}
