import { parseCertificate } from '../certificate/parse-certificate.ts'
import { decodeBase64 } from '../pem.ts'
import { fail, ok, type Result } from '../result.ts'

/** The anchors of one trust domain. SPIFFE Trust Domain and Bundle §4. */
export interface SpiffeBundle {
  /** Certificates in DER; none means that nothing of this trust domain is trusted any more. */
  readonly anchors: readonly Uint8Array[]
  /** Grows with every change of the bundle. */
  readonly sequence: number | undefined
  /** Seconds. */
  readonly refreshHint: number
  /** Entries of `keys` that were passed over, by index. */
  readonly ignored: readonly { readonly index: number; readonly because: IgnoredEntry }[]
}

export type IgnoredEntry = 'not_an_object' | 'other_use' | 'without_certificate' | 'certificate_malformed'

export interface SpiffeBundleFailure {
  readonly reason:
    | 'bundle_too_large'
    | 'bundle_not_json'
    | 'bundle_not_an_object'
    | 'bundle_keys_missing'
    | 'bundle_too_many_keys'
    | 'bundle_sequence_malformed'
    | 'bundle_refresh_hint_malformed'
}

/** Reads a bundle in its JWKS form; of an entry's `x5c` only the first certificate counts. */
export function parseSpiffeBundle(text: string): Result<SpiffeBundle, SpiffeBundleFailure> {
  if (text.length > MAXIMUM_TEXT) return fail({ reason: 'bundle_too_large' })
  const json = parseJson(text)
  if (json === undefined) return fail({ reason: 'bundle_not_json' })
  if (!isObject(json)) return fail({ reason: 'bundle_not_an_object' })
  const { keys, spiffe_sequence: sequence, spiffe_refresh_hint: refreshHint = DEFAULT_REFRESH_HINT } = json
  if (!Array.isArray(keys)) return fail({ reason: 'bundle_keys_missing' })
  if (keys.length > MAXIMUM_KEYS) return fail({ reason: 'bundle_too_many_keys' })
  if (sequence !== undefined && !isCount(sequence)) return fail({ reason: 'bundle_sequence_malformed' })
  if (!isCount(refreshHint)) return fail({ reason: 'bundle_refresh_hint_malformed' })
  const anchors: Uint8Array[] = []
  const ignored: { index: number; because: IgnoredEntry }[] = []
  for (const [index, key] of (keys as readonly unknown[]).entries()) {
    const anchor = anchorOf(key)
    if (typeof anchor === 'string') ignored.push({ index, because: anchor })
    else anchors.push(anchor)
  }
  return ok({ anchors, sequence, refreshHint, ignored })
}

/** What to do with a bundle that was fetched at `fetchedAt`; all in epoch seconds and seconds. A stale one vouches for nobody. */
export function spiffeBundleState(
  bundle: SpiffeBundle,
  fetchedAt: number,
  now: number,
  maximumAge: number,
): 'fresh' | 'refresh_due' | 'stale' {
  const age = now - fetchedAt
  if (age > maximumAge) return 'stale'
  return age >= bundle.refreshHint ? 'refresh_due' : 'fresh'
}

/** Tells whether a newly fetched bundle may take the place of the current one: its sequence must not run backwards. */
export function mayReplaceSpiffeBundle(current: SpiffeBundle, fetched: SpiffeBundle): boolean {
  return current.sequence === undefined || (fetched.sequence !== undefined && fetched.sequence >= current.sequence)
}

function anchorOf(key: unknown): Uint8Array | IgnoredEntry {
  if (!isObject(key)) return 'not_an_object'
  if (key['use'] !== 'x509-svid') return 'other_use'
  const chain = key['x5c']
  const first: unknown = Array.isArray(chain) ? chain[0] : undefined
  if (typeof first !== 'string') return 'without_certificate'
  const der = decodeBase64(first)
  return der !== undefined && parseCertificate(der).ok ? der : 'certificate_malformed'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** Seconds. SPIFFE Federation §4. */
const DEFAULT_REFRESH_HINT = 300
const MAXIMUM_TEXT = 4_000_000
const MAXIMUM_KEYS = 1_000
