/** A bounded memory of facts that can be worked out again. */
export interface TwoGenerationMap<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  clear(): void
}

/** Makes a map of at most `entries`: a full young half becomes the old one, and what nobody asked for since is dropped. */
export function twoGenerationMap<Value>(entries: number): TwoGenerationMap<Value> {
  const half = Math.max(1, Math.floor(entries / 2))
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()

  function insert(key: string, value: Value): void {
    if (young.size >= half && !young.has(key)) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }

  return {
    get(key) {
      const value = young.get(key)
      if (value !== undefined) return value
      const aged = old.get(key)
      if (aged !== undefined) insert(key, aged)
      return aged
    },
    set: insert,
    clear() {
      young = new Map()
      old = new Map()
    },
  }
}
