import { revocationVerdict } from '@holdfast/core'
import type { Awaitable, PathEvidence, RevocationPolicy } from '@holdfast/core'
import type { AnchorSet, RevocationFailure, ValidatedPath } from '@holdfast/x509'

/** A trust that vouches for a proxy, as it is now. */
export interface ProxyTrust {
  readonly anchors: AnchorSet
  /** `undefined`: nobody is asked. */
  readonly revocation: RevocationPolicy | undefined
}

/** Whether the certificate of a proxy is revoked, by the same policy as those of clients. Answers at once what is at hand. */
export type ProxyRevocation = (path: ValidatedPath, now: number) => Awaitable<RevocationFailure | undefined>

/**
 * Judges the path of a proxy's certificate at each request. `unknownAccepted` is told once for the same evidence when the mode
 * `soft` lets a proxy pass about which nobody can tell.
 */
export function proxyRevocation(trustNow: () => ProxyTrust, unknownAccepted: () => void): ProxyRevocation {
  const told = new WeakSet<PathEvidence>()
  return (path, now) => {
    const { anchors, revocation } = trustNow()
    if (revocation === undefined) return undefined
    const judged = (evidence: PathEvidence): RevocationFailure | undefined => {
      const verdict = revocationVerdict(path, anchors, revocation, evidence, now)
      if (!verdict.ok) return verdict.failure
      if (!told.has(evidence) && verdict.value.certificates.some(({ status }) => status === 'unknown')) {
        told.add(evidence)
        unknownAccepted()
      }
      return undefined
    }
    const evidence = revocation.evidence(path, now)
    return evidence instanceof Promise ? evidence.then(judged) : judged(evidence)
  }
}
