/**
 * Tokens that were verified, by their whole text. Bounded by entries and bytes; forgets the longest unused half at once.
 *
 * Holds facts, never verdicts: whoever finds an entry still has to check everything that depends on time, on the certificate
 * or on anyone else's word. Only verified tokens go in, so strangers cannot push out those of others.
 */
export interface VerifiedTokenCache<Entry> {
  find(token: string): Entry | undefined
  keep(token: string, entry: Entry): void
  drop(token: string): void
  readonly size: number
}

/**
 * Two plain maps, swapped when the younger is full: no linked list, and a hit costs one look-up.
 *
 * @param limits for both maps together; `bytes` counts an entry as its token's length times the factor at the foot
 */
export function createVerifiedTokenCache<Entry>(limits: {
  readonly entries: number
  readonly bytes: number
}): VerifiedTokenCache<Entry> {
  let young = new Map<string, Entry>()
  let old = new Map<string, Entry>()
  let youngBytes = 0

  const keep = (token: string, entry: Entry): void => {
    const bytes = token.length * BYTES_PER_CHARACTER + BYTES_PER_ENTRY
    if (bytes > limits.bytes / 2 || limits.entries < 2) return
    if (young.size >= Math.floor(limits.entries / 2) || youngBytes + bytes > limits.bytes / 2) {
      old = young
      young = new Map()
      youngBytes = 0
    }
    if (!young.has(token)) youngBytes += bytes
    young.set(token, entry)
  }

  return {
    find(token) {
      const entry = young.get(token)
      if (entry !== undefined) return entry
      const aged = old.get(token)
      if (aged === undefined) return undefined
      old.delete(token)
      keep(token, aged)
      return aged
    },
    keep,
    drop(token) {
      if (young.delete(token)) youngBytes -= token.length * BYTES_PER_CHARACTER + BYTES_PER_ENTRY
      old.delete(token)
    },
    get size() {
      return young.size + old.size
    },
  }
}

// The text of the token, its claims as objects (about twice the payload), and the map's own slot.
const BYTES_PER_CHARACTER = 3
const BYTES_PER_ENTRY = 512
