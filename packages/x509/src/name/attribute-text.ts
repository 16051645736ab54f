import { UTF8_STRING } from '../der/der-reader.ts'

/**
 * The text of a string-typed attribute value, or undefined when the type is no string or its octets are not valid for it.
 *
 * RFC 4518 §2.1. TeletexString is read as Latin-1, which is what its users write.
 */
export function attributeText(tag: number, content: Uint8Array): string | undefined {
  switch (tag) {
    case UTF8_STRING:
      return ascii(content) ?? utf8(content)
    case NUMERIC_STRING:
    case PRINTABLE_STRING:
    case IA5_STRING:
    case VISIBLE_STRING:
      return ascii(content)
    case TELETEX_STRING:
      return latin1(content)
    case BMP_STRING:
      return utf16(content)
    case UNIVERSAL_STRING:
      return utf32(content)
    default:
      return undefined
  }
}

/** Text of UTF-8 octets, or undefined when they are no UTF-8. */
export function utf8(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    return undefined
  }
}

function ascii(content: Uint8Array): string | undefined {
  let text = ''
  for (const octet of content) {
    if (octet > 0x7f) return undefined
    text += String.fromCharCode(octet)
  }
  return text
}

function latin1(content: Uint8Array): string {
  let text = ''
  for (const octet of content) text += String.fromCharCode(octet)
  return text
}

function utf16(content: Uint8Array): string | undefined {
  if (content.length % 2 !== 0) return undefined
  let text = ''
  for (let at = 0; at < content.length; at += 2) text += String.fromCharCode(content[at]! * 256 + content[at + 1]!)
  return text.isWellFormed() ? text : undefined
}

function utf32(content: Uint8Array): string | undefined {
  if (content.length % 4 !== 0) return undefined
  let text = ''
  for (let at = 0; at < content.length; at += 4) {
    const code = content[at]! * 0x1000000 + content[at + 1]! * 0x10000 + content[at + 2]! * 0x100 + content[at + 3]!
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
    text += String.fromCodePoint(code)
  }
  return text
}

const NUMERIC_STRING = 0x12
const PRINTABLE_STRING = 0x13
const TELETEX_STRING = 0x14
const IA5_STRING = 0x16
const VISIBLE_STRING = 0x1a
const UNIVERSAL_STRING = 0x1c
const BMP_STRING = 0x1e
