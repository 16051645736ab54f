/** Whether a proof is the first of its kind; `full`: nobody can say, so it does not pass. */
export type ProofMemory = (key: string, jti: string, until: number, now: number) => 'first' | 'replayed' | 'full'

/**
 * Remembers proofs in this process for as long as they count (RFC 9449 §11.1).
 *
 * Bounded: when too many live at once, further ones are refused, and none is forgotten early.
 */
export function createProofMemory(): ProofMemory {
  let present = new Map<string, number>()
  let swept = 0
  return (key, jti, until, now) => {
    const name = `${key} ${jti}`
    const before = present.get(name)
    if (before !== undefined && before >= now) return 'replayed'
    if (present.size >= LARGEST) {
      if (swept === now) return 'full'
      swept = now
      present = new Map([...present].filter(([, end]) => end >= now))
      if (present.size >= LARGEST) return 'full'
    }
    present.set(name, until)
    return 'first'
  }
}

// Two minutes of some eight hundred requests per second, about 15 MB.
const LARGEST = 100_000
