import type { DecoupledAuthorizationRecord, DecoupledAuthorizationStore } from '@holdfast/core'
import { type Breakable, breakable } from './breakable.ts'

interface KeptAuthorization {
  record: DecoupledAuthorizationRecord
  readonly userCode: string | undefined
  decision: { readonly authorizationId: string } | 'denied' | undefined
  polledAt: number | undefined
}

/** Keeps device and CIBA authorizations in memory. */
export function inMemoryDecoupledAuthorizationStore(clock: { now(): number }): DecoupledAuthorizationStore & Breakable {
  const kept = new Map<string, KeptAuthorization>()
  const pending = ({ record, decision }: KeptAuthorization, now: number): boolean =>
    decision === undefined && record.expiresAt > now
  return breakable<DecoupledAuthorizationStore>({
    request(digest, record, userCode) {
      const taken = [...kept.values()].some((one) => one.userCode === userCode && pending(one, clock.now()))
      if (userCode !== undefined && taken) return Promise.resolve('user_code_taken')
      kept.set(digest, { record: structuredClone(record), userCode, decision: undefined, polledAt: undefined })
      return Promise.resolve('kept')
    },
    find: (digest) => Promise.resolve(structuredClone(kept.get(digest)?.record)),
    findByUserCode(userCode, now) {
      const found = [...kept].find(([, one]) => one.userCode === userCode && pending(one, now))
      return Promise.resolve(found && { digest: found[0], record: structuredClone(found[1].record) })
    },
    ofSubject: (subject, now, limit) =>
      Promise.resolve(
        [...kept]
          .filter(([, one]) => one.record.subject === subject && pending(one, now))
          .toReversed()
          .toSorted(([, a], [, b]) => b.record.issuedAt - a.record.issuedAt)
          .slice(0, limit)
          .map(([digest, { record }]) => ({ digest, record: structuredClone(record) })),
      ),
    decide(digest, decision) {
      const one = kept.get(digest)
      if (one === undefined || !pending(one, clock.now())) return Promise.resolve(false)
      one.decision = decision
      return Promise.resolve(true)
    },
    poll(digest, clientId, now) {
      const one = kept.get(digest)
      if (one?.record.clientId !== clientId) return Promise.resolve({ outcome: 'unknown' })
      const record = structuredClone(one.record)
      if (record.expiresAt <= now) return Promise.resolve({ outcome: 'expired', record })
      if (one.decision === 'denied') return Promise.resolve({ outcome: 'denied', record })
      if (one.decision !== undefined) {
        kept.delete(digest)
        return Promise.resolve({ outcome: 'approved', authorizationId: one.decision.authorizationId, record })
      }
      const early = one.polledAt !== undefined && now < one.polledAt + record.interval
      one.polledAt = now
      if (!early) return Promise.resolve({ outcome: 'pending', record })
      one.record = { ...record, interval: record.interval + slowDownSeconds }
      return Promise.resolve({ outcome: 'slow_down', record: structuredClone(one.record) })
    },
  })
}

/** RFC 8628 §3.5. */
const slowDownSeconds = 5
