/**
 * The signature of ES256 as JOSE wants it, R‖S, from DER: `crypto.sign` is fastest with a bare key, and then speaks DER.
 *
 * RFC 7518 §3.4.
 */
export function joseSignature(der: Buffer): Buffer {
  const signature = Buffer.alloc(2 * coordinate)
  let at = 2
  for (let end = coordinate; end <= 2 * coordinate; end += coordinate) {
    const length = der[at + 1] ?? 0
    const start = at + 2
    const from = Math.max(start, start + length - coordinate)
    der.copy(signature, end - (start + length - from), from, start + length)
    at = start + length
  }
  return signature
}

const coordinate = 32
