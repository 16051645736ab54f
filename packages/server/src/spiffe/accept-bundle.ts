import { fail, mayReplaceSpiffeBundle, ok, parseSpiffeBundle } from '@holdfast/x509'
import type { Result, SpiffeBundle } from '@holdfast/x509'

/** Decides whether a text is a bundle that may take the place of the one at hand: its sequence never goes back. SPIFFE Federation §4.1. */
export function acceptBundle(
  current: SpiffeBundle | undefined,
  text: string,
): Result<SpiffeBundle, { readonly problem: string }> {
  const parsed = parseSpiffeBundle(text)
  if (!parsed.ok) return fail({ problem: `no bundle: ${parsed.failure.reason.replaceAll('_', ' ')}` })
  const next = parsed.value
  if (current === undefined || mayReplaceSpiffeBundle(current, next)) return ok(next)
  const sequence = next.sequence === undefined ? 'it has no sequence' : `its sequence is ${next.sequence}`
  return fail({ problem: `older than the one at hand: ${sequence}, that of the other ${current.sequence}` })
}

/** Tells whether two bundles say the same. */
export function isSameBundle(one: SpiffeBundle, other: SpiffeBundle): boolean {
  return (
    one.sequence === other.sequence &&
    one.refreshHint === other.refreshHint &&
    one.anchors.length === other.anchors.length &&
    one.anchors.every((anchor, index) => Buffer.compare(anchor, other.anchors[index]!) === 0)
  )
}
