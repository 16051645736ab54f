/**
 * A `JSON.stringify` replacer for facts of failures: bytes as hex, errors by name, code and message, sets and maps as lists.
 * Bounded, so that no fact fills the log.
 */
export function plainFacts(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return value.length > maximumText ? `${value.slice(0, maximumText)}…` : value
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return Buffer.from(value.subarray(0, maximumBytes)).toString('hex')
  if (value instanceof Set) return [...value].slice(0, maximumItems)
  if (value instanceof Map) return [...value.entries()].slice(0, maximumItems)
  if (value instanceof Error) return errorFacts(value)
  if (Array.isArray(value) && value.length > maximumItems) return [...(value as unknown[]).slice(0, maximumItems), '…']
  // What JSON.stringify makes of a Buffer before it asks.
  if ('type' in value && value.type === 'Buffer' && 'data' in value && Array.isArray(value.data)) {
    return Buffer.from(value.data.slice(0, maximumBytes) as number[]).toString('hex')
  }
  return value
}

/** What may be told of an exception; its stack only in `log.unexpected`. */
export function errorFacts(error: Error): Readonly<Record<string, unknown>> {
  const code = 'code' in error ? { code: error.code } : {}
  const cause = error.cause === undefined ? {} : { cause: error.cause }
  return { name: error.name, ...code, message: error.message, ...cause }
}

const maximumText = 2_048
const maximumBytes = 64
const maximumItems = 50
