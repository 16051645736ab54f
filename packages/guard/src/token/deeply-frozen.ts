/**
 * Freezes a JSON value and everything in it: what many requests share, none may change.
 *
 * Without recursion, because the nesting of foreign JSON has no bound but its size.
 */
export function deeplyFrozen<Value extends object>(value: Value): Value {
  const waiting: object[] = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    Object.freeze(next)
    for (const name in next) {
      const inner = (next as Readonly<Record<string, unknown>>)[name]
      if (typeof inner === 'object' && inner !== null) waiting.push(inner)
    }
  }
  return value
}
