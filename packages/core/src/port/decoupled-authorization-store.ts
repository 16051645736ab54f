import type { TokenDigest } from './access-token-store.ts'
import type { AuthorizationDetail } from './authorization-store.ts'
import type { EpochSeconds } from './clock.ts'

/** An authorization that a person decides elsewhere while the client waits: RFC 8628 and OpenID CIBA. Plain JSON. */
export interface DecoupledAuthorizationRecord {
  readonly kind: 'device_code' | 'ciba'
  readonly clientId: string
  readonly scope: readonly string[]
  readonly audience: readonly string[]
  readonly authorizationDetails?: readonly AuthorizationDetail[]
  /** CIBA: whom it concerns. Absent for devices: whoever enters the user code. */
  readonly subject?: string
  /** CIBA: shown on both devices. */
  readonly bindingMessage?: string
  /** CIBA ping: where, with which token and of which request the client is told; none of it is of use without the client’s own proof. */
  readonly notification?: { readonly endpoint: string; readonly token: string; readonly authReqId: string }
  readonly acrValues?: readonly string[]
  /** Seconds between two polls. */
  readonly interval: number
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

/** What a poll finds. `approved` is answered once: of any number of concurrent calls exactly one gets it. */
export type PollOutcome =
  | { readonly outcome: 'approved'; readonly authorizationId: string; readonly record: DecoupledAuthorizationRecord }
  | { readonly outcome: 'pending' | 'slow_down' | 'denied' | 'expired'; readonly record: DecoupledAuthorizationRecord }
  | { readonly outcome: 'unknown' }

export interface DecoupledAuthorizationStore {
  /** `userCode` normalized, for devices; one that is in use is refused with `user_code_taken`. */
  request(
    digest: TokenDigest,
    record: DecoupledAuthorizationRecord,
    userCode?: string,
  ): Promise<'kept' | 'user_code_taken'>
  /** The record, expired ones too for a while; `undefined` when unknown or after `approved` was answered. */
  find(digest: TokenDigest): Promise<DecoupledAuthorizationRecord | undefined>
  /** The pending, unexpired one behind a user code. */
  findByUserCode(
    userCode: string,
    now: EpochSeconds,
  ): Promise<{ digest: TokenDigest; record: DecoupledAuthorizationRecord } | undefined>
  /** The pending, unexpired ones that concern this person, the newest first: at most `limit`. */
  ofSubject(
    subject: string,
    now: EpochSeconds,
    limit: number,
  ): Promise<readonly { digest: TokenDigest; record: DecoupledAuthorizationRecord }[]>
  /** Decides a pending, unexpired one, once: exactly one of several deciders gets `true`. */
  decide(digest: TokenDigest, decision: { readonly authorizationId: string } | 'denied'): Promise<boolean>
  /** Of another client: `unknown`. Sooner than the interval after the poll before: `slow_down`, and the interval of the record grows by five seconds (RFC 8628 §3.5). */
  poll(digest: TokenDigest, clientId: string, now: EpochSeconds): Promise<PollOutcome>
}
