/**
 * Decodes base64 with its padding and nothing else in it; `undefined` for every other text (RFC 4648 §3.2, §3.5).
 *
 * `Buffer.from` skips what it does not know and takes the URL alphabet; encoding again shows whether it did.
 */
export function strictBase64(text: string): Uint8Array | undefined {
  if (text.length === 0 || text.length % 4 !== 0) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
