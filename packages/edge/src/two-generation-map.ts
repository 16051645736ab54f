/** A bounded memory of facts that can be worked out again. */
export interface TwoGenerationMap<Value> {
  get(key: string): Value | undefined
  /** `bytes` is what the entry keeps alive, key included. */
  set(key: string, value: Value, bytes: number): void
}

/**
 * Makes a map that forgets: when the young half is full it becomes the old half, and what nobody asked for is dropped.
 *
 * Bound by entries and by bytes, each for both halves together.
 */
export function twoGenerationMap<Value>(bounds: {
  readonly entries: number
  readonly bytes: number
}): TwoGenerationMap<Value> {
  interface Entry {
    readonly value: Value
    readonly bytes: number
  }
  let young = new Map<string, Entry>()
  let old = new Map<string, Entry>()
  let youngBytes = 0

  function insert(key: string, entry: Entry): void {
    if (entry.bytes > bounds.bytes / 2) return
    const before = young.get(key)
    if (before !== undefined) youngBytes -= before.bytes
    else if (young.size >= bounds.entries / 2 || youngBytes + entry.bytes > bounds.bytes / 2) {
      old = young
      young = new Map()
      youngBytes = 0
    }
    young.set(key, entry)
    youngBytes += entry.bytes
  }

  return {
    get(key) {
      const entry = young.get(key)
      if (entry !== undefined) return entry.value
      const aged = old.get(key)
      if (aged === undefined) return undefined
      old.delete(key)
      insert(key, aged)
      return aged.value
    },
    set(key, value, bytes) {
      old.delete(key)
      insert(key, { value, bytes })
    },
  }
}
