/**
 * Dotted text of the content octets of an OBJECT IDENTIFIER, or undefined when they are not minimal base-128 arcs.
 *
 * Arcs of any size are kept exact: past 2^53 the arithmetic goes on in BigInt. X.690 §8.19.
 */
export function objectIdentifierText(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end <= start || end - start > MAXIMUM_OCTETS) return undefined
  let text = ''
  let at = start
  while (at < end) {
    if (bytes[at] === 0x80) return undefined
    let arc = 0
    let large: bigint | undefined
    let octet: number
    do {
      if (at >= end) return undefined
      octet = bytes[at++]!
      if (large !== undefined) large = (large << 7n) | BigInt(octet & 0x7f)
      else if (arc > LARGEST_BEFORE_SHIFT) large = (BigInt(arc) << 7n) | BigInt(octet & 0x7f)
      else arc = arc * 128 + (octet & 0x7f)
    } while (octet >= 0x80)
    if (text !== '') text += `.${large ?? arc}`
    else if (large !== undefined) text = `2.${large - 80n}`
    else text = arc < 40 ? `0.${arc}` : arc < 80 ? `1.${arc - 40}` : `2.${arc - 80}`
  }
  return text
}

/** Content octets for a dotted OBJECT IDENTIFIER, or undefined when the text is none. RFC 4512 §1.4 `numericoid`. */
export function objectIdentifierOctets(text: string): Uint8Array | undefined {
  if (text.length > MAXIMUM_TEXT || !/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(text)) return undefined
  const arcs = text.split('.').map(BigInt)
  const [first, second] = arcs as [bigint, bigint]
  if (first < 2n && second > 39n) return undefined
  const octets: number[] = []
  for (const arc of [first * 40n + second, ...arcs.slice(2)]) {
    const group = [Number(arc & 0x7fn)]
    for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) group.unshift(Number(rest & 0x7fn) | 0x80)
    octets.push(...group)
  }
  return Uint8Array.from(octets)
}

/** UUID-based identifiers take 20 octets; nothing in use comes near this. It bounds the BigInt arithmetic. */
const MAXIMUM_OCTETS = 128
const MAXIMUM_TEXT = 300
const LARGEST_BEFORE_SHIFT = 2 ** 46 - 1
