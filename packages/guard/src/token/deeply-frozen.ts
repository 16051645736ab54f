/**
 * Freezes a JSON value and everything in it: what many requests share, none may change.
 *
 * Without recursion, because the nesting of foreign JSON has no bound but its size.
 */
export function deeplyFrozen<Value>(value: Value): Value {
  const waiting: unknown[] = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue
    Object.freeze(next)
    for (const inner of Object.values(next)) if (inner !== undefined && inner !== null) waiting.push(inner)
  }
  return value
}
