import { ok } from '@holdfast/core'
import type { EpochSeconds, Result, SigningAlgorithm } from '@holdfast/core'

import { keySet } from './key-set.ts'
import type { KeySet, KeySetFailure } from './key-set.ts'

/** Why no keys can be had at the moment. */
export interface KeysUnavailable {
  readonly reason: 'token_keys_unavailable'
  readonly cause: { readonly reason: string }
}

/** Where the guard takes the issuer's keys from. */
export interface KeySource {
  /** The set to use now, at once; `undefined` when it has to be waited for. Starts a refresh when one is due. */
  current(now: EpochSeconds): KeySet | undefined
  /** The set, waited for. */
  load(now: EpochSeconds): Promise<Result<KeySet, KeysUnavailable>>
  /** A set newer than `known`, because a token names a key that is not in it; `known` again when it was asked for too recently. */
  renew(known: KeySet, now: EpochSeconds): Promise<Result<KeySet, KeysUnavailable>>
}

/** Keys that the operator hands over; they change with the configuration only. */
export function givenKeySource(jwks: unknown, allowed: readonly SigningAlgorithm[]): Result<KeySource, KeySetFailure> {
  const set = keySet(jwks, allowed)
  if (!set.ok) return set
  return ok({
    current: () => set.value,
    load: () => Promise.resolve(set),
    renew: () => Promise.resolve(set),
  })
}

/** What one retrieval of a JWK Set brought. */
export interface RetrievedKeys {
  readonly jwks: unknown
  /** Seconds for which the answer called itself fresh; `undefined` when it said nothing (RFC 9111 §4.2). */
  readonly freshSeconds: number | undefined
}

/**
 * Keys that the issuer publishes: fetched when first needed, one retrieval at a time, kept as long as the answer says within
 * bounds, refreshed in the background, and used beyond that only for a bounded time.
 *
 * A token that names an unknown key causes a new retrieval, though not more often than every half minute, so that strangers
 * cannot make us flood the issuer.
 */
export function publishedKeySource(
  retrieve: () => Promise<Result<RetrievedKeys, { readonly reason: string }>>,
  allowed: readonly SigningAlgorithm[],
): KeySource {
  let held: { readonly set: KeySet; readonly fetchedAt: EpochSeconds; readonly freshUntil: EpochSeconds } | undefined
  let loading: Promise<Result<KeySet, KeysUnavailable>> | undefined
  let lastFailure: { readonly failure: KeysUnavailable; readonly at: EpochSeconds } | undefined

  const retrieveOnce = async (now: EpochSeconds): Promise<Result<KeySet, KeysUnavailable>> => {
    const retrieved = await retrieve()
    const set = retrieved.ok ? keySet(retrieved.value.jwks, allowed) : retrieved
    if (!retrieved.ok || !set.ok) {
      const cause = set.ok ? { reason: 'jwks_malformed' } : set.failure
      lastFailure = { failure: { reason: 'token_keys_unavailable', cause }, at: now }
      return { ok: false, failure: lastFailure.failure }
    }
    const freshFor = Math.min(Math.max(retrieved.value.freshSeconds ?? USUAL_FRESH, SHORTEST_FRESH), LONGEST_FRESH)
    held = { set: set.value, fetchedAt: now, freshUntil: now + freshFor }
    lastFailure = undefined
    return set
  }

  const refresh = (now: EpochSeconds): Promise<Result<KeySet, KeysUnavailable>> => {
    if (loading !== undefined) return loading
    if (lastFailure !== undefined && isWithin(now, lastFailure.at, RETRY_AFTER)) {
      return Promise.resolve({ ok: false, failure: lastFailure.failure })
    }
    const attempt = retrieveOnce(now).finally(() => (loading = undefined))
    loading = attempt
    return attempt
  }

  return {
    current(now) {
      if (held === undefined) return undefined
      // A clock that was set back must not keep keys fresh for ever.
      if (now < held.freshUntil && now >= held.fetchedAt - CLOCK_STEP) return held.set
      void refresh(now)
      return isWithin(now, held.freshUntil, LONGEST_STALE) ? held.set : undefined
    },
    load(now) {
      const set = this.current(now)
      return set === undefined ? refresh(now) : Promise.resolve(ok(set))
    },
    renew(known, now) {
      if (held !== undefined && held.set !== known) return Promise.resolve(ok(held.set))
      if (held !== undefined && loading === undefined && isWithin(now, held.fetchedAt, UNKNOWN_KEY_PAUSE)) {
        return Promise.resolve(ok(held.set))
      }
      return refresh(now)
    },
  }
}

function isWithin(now: EpochSeconds, since: EpochSeconds, seconds: number): boolean {
  return Math.abs(now - since) < seconds
}

// Seconds. Ten minutes when the issuer says nothing; never so short that every request asks, never so long that a withdrawn
// key lives on for a day.
const USUAL_FRESH = 600
const SHORTEST_FRESH = 60
const LONGEST_FRESH = 3600
// An issuer that is away does not stop the API at once, but a withdrawn key cannot be hidden for ever by keeping us off it.
const LONGEST_STALE = 3600
const UNKNOWN_KEY_PAUSE = 30
const RETRY_AFTER = 2
const CLOCK_STEP = 60
