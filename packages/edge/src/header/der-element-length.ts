/**
 * Tells how long the DER SEQUENCE is that starts at `start`, header included; `undefined` when none fits there.
 *
 * Not a parse: it only finds where a certificate ends, so that nothing can hide behind it (X.690 §8.1.3, §10.1).
 */
export function derElementLength(bytes: Uint8Array, start: number): number | undefined {
  if (bytes[start] !== sequence) return undefined
  const first = bytes[start + 1] ?? 0x80
  if (first < 0x80) return within(bytes, start, 2 + first)
  const count = first & 0x7f
  if (count === 0 || count > 3) return undefined
  let length = 0
  for (let index = 0; index < count; index++) length = length * 256 + (bytes[start + 2 + index] ?? 0)
  // Minimal form only: another spelling of the same certificate would have another thumbprint.
  if (length < 0x80 || length < 256 ** (count - 1)) return undefined
  return within(bytes, start, 2 + count + length)
}

function within(bytes: Uint8Array, start: number, length: number): number | undefined {
  return start + length <= bytes.length ? length : undefined
}

const sequence = 0x30
