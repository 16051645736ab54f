/** Decodes base64url without padding (RFC 7515 §2); `undefined` for anything else, set trailing bits included. */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const length = text.length
  const tail = length % 4
  if (tail === 1) return undefined
  const bytes = new Uint8Array((length * 3) >> 2)
  let at = 0
  let held = 0
  let bits = 0
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index)
    const value = code < 128 ? values[code]! : invalid
    if (value === invalid) return undefined
    held = (held << 6) | value
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = held >> bits
      held &= (1 << bits) - 1
    }
  }
  return held === 0 ? bytes : undefined
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const invalid = 255
const values: Uint8Array = table()

function table(): Uint8Array {
  const codes = new Uint8Array(128).fill(invalid)
  for (let value = 0; value < alphabet.length; value++) codes[alphabet.charCodeAt(value)] = value
  return codes
}

/** Encodes as base64url without padding (RFC 7515 §2). */
export function encodeBase64url(bytes: Uint8Array): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 6) {
      bits -= 6
      text += alphabet[held >> bits]
      held &= (1 << bits) - 1
    }
  }
  return bits === 0 ? text : text + alphabet[held << (6 - bits)]!
}
