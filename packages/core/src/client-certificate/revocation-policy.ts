import type { Result, RevocationEvidence, RevocationFailure, RevocationStatus, ValidatedPath } from '@holdfast/x509'
import type { Awaitable } from '../port/awaitable.ts'
import type { EpochSeconds } from '../port/clock.ts'
import type { EvidenceSource } from '../protocol-error/evidence-source.ts'

/** What a trust profile wants to know about revocation before it trusts, and from where. */
export interface RevocationPolicy {
  /** `soft` accepts a certificate about which nothing is known, `hard` refuses it. */
  readonly mode: 'soft' | 'hard'
  /** Seconds past its end in which the last CRL or OCSP response still counts. */
  readonly grace: number
  /** Certificates that live shorter than this many seconds are not asked about. */
  readonly skipIfLifetimeBelow: number
  /**
   * What is at hand about a path, after fetching for a bounded time what is not. Only for a path that was found good: nothing
   * out of other certificates is ever followed. Answers the same object until anything in it has changed. Never rejects.
   */
  evidence(path: ValidatedPath, now: EpochSeconds): Awaitable<PathEvidence>
  /** What was decided by evidence before. */
  readonly verdicts?: WeakMap<PathEvidence, KnownVerdict> | undefined
}

/** CRLs and OCSP responses about one path, and where they were looked for. */
export interface PathEvidence extends RevocationEvidence {
  readonly sources: readonly EvidenceSource[]
}

/** Holds from `from` to `until`, epoch seconds, both included. */
export interface KnownVerdict {
  readonly from: EpochSeconds
  readonly until: EpochSeconds
  readonly verdict: Result<RevocationStatus, RevocationFailure>
}
