import { objectIdentifierOctets } from '../der/object-identifier.ts'

/** A complete DER element: tag, length, contents. */
export type Der = Uint8Array

/** Writes one element with a tag of one octet (X.690 §8.1). */
export function derElement(tag: number, ...contents: readonly Uint8Array[]): Der {
  return derElementOf(tag, contents)
}

/** Writes a SEQUENCE OF; any number of elements. */
export function derSequenceOf(elements: readonly Der[]): Der {
  return derElementOf(0x30, elements)
}

function derElementOf(tag: number, contents: readonly Uint8Array[]): Der {
  const length = contents.reduce((sum, part) => sum + part.length, 0)
  const lengthOctets = derLength(length)
  const element = new Uint8Array(1 + lengthOctets.length + length)
  element[0] = tag
  element.set(lengthOctets, 1)
  let at = 1 + lengthOctets.length
  for (const part of contents) {
    element.set(part, at)
    at += part.length
  }
  return element
}

/** Writes a SEQUENCE. */
export function derSequence(...elements: readonly Der[]): Der {
  return derElement(0x30, ...elements)
}

/** Writes a SET OF, its elements in the order that DER demands (X.690 §11.6). */
export function derSetOf(...elements: readonly Der[]): Der {
  return derElement(0x31, ...elements.toSorted(compareOctets))
}

/** Writes an INTEGER that is not negative, from a number or from unsigned big-endian octets. */
export function derInteger(value: number | Uint8Array): Der {
  return derElement(0x02, unsignedOctets(value))
}

/** Writes an ENUMERATED. */
export function derEnumerated(value: number): Der {
  return derElement(0x0a, unsignedOctets(value))
}

/** Writes a BOOLEAN. */
export function derBoolean(value: boolean): Der {
  return derElement(0x01, Uint8Array.of(value ? 0xff : 0))
}

/** Writes NULL. */
export function derNull(): Der {
  return derElement(0x05)
}

/** Writes an OCTET STRING. */
export function derOctetString(...octets: readonly Uint8Array[]): Der {
  return derElement(0x04, ...octets)
}

/** Writes a BIT STRING of whole octets. */
export function derBitString(octets: Uint8Array): Der {
  return derElement(0x03, Uint8Array.of(0), octets)
}

/** Writes a BIT STRING of named bits, trailing zero bits left out (X.690 §11.2.2). */
export function derNamedBits(bits: readonly number[]): Der {
  return derElement(0x03, namedBits(bits))
}

/** Writes the contents of a BIT STRING of named bits, for IMPLICIT tagging. */
export function namedBits(bits: readonly number[]): Uint8Array {
  const highest = Math.max(-1, ...bits)
  const octets = new Uint8Array(1 + Math.ceil((highest + 1) / 8))
  octets[0] = (8 - ((highest + 1) % 8)) % 8
  for (const bit of bits) {
    const at = 1 + Math.floor(bit / 8)
    octets[at] = (octets[at] ?? 0) | (0x80 >> (bit % 8))
  }
  return octets
}

/** Writes an OBJECT IDENTIFIER from its dotted form. Throws `RangeError` when that is not one. */
export function derObjectIdentifier(dotted: string): Der {
  return derElement(0x06, objectIdentifierContents(dotted))
}

/** The contents of an OBJECT IDENTIFIER, for IMPLICIT tagging. Throws `RangeError` when `dotted` is not one. */
export function objectIdentifierContents(dotted: string): Uint8Array {
  const octets = objectIdentifierOctets(dotted)
  if (octets === undefined) throw new RangeError(`not an object identifier: ${dotted}`)
  return octets
}

/** Writes a UTF8String. */
export function derUtf8String(text: string): Der {
  return derElement(0x0c, utf8(text))
}

/** Writes a context-specific constructed element: EXPLICIT tagging, or IMPLICIT over a constructed type. */
export function derContextConstructed(number: number, ...contents: readonly Uint8Array[]): Der {
  return derElement(0xa0 | number, ...contents)
}

/** Writes a context-specific primitive element: IMPLICIT tagging over a primitive type. */
export function derContextPrimitive(number: number, contents: Uint8Array): Der {
  return derElement(0x80 | number, contents)
}

/** Writes a Time as RFC 5280 §4.1.2.5 demands: UTCTime through 2049, GeneralizedTime from 2050 on and before 1950. */
export function derTime(epochSeconds: number): Der {
  const text = timeText(epochSeconds)
  const year = Number(text.slice(0, 4))
  return year >= 1950 && year < 2050 ? derElement(0x17, ascii(text.slice(2))) : derElement(0x18, ascii(text))
}

/** Writes a GeneralizedTime in whole seconds, UTC. */
export function derGeneralizedTime(epochSeconds: number): Der {
  return derElement(0x18, ascii(timeText(epochSeconds)))
}

/** The octets of a text whose characters are all below U+0080. Throws `RangeError` when one is not. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0
    if (code > 0x7f) throw new RangeError(`not an IA5String: ${JSON.stringify(text)}`)
    return code
  })
}

/** The UTF-8 octets of a text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The octets of a BMPString: two for each UTF-16 unit, the higher first. */
export function utf16(text: string): Uint8Array {
  const octets = new Uint8Array(text.length * 2)
  for (let at = 0; at < text.length; at++) {
    octets[2 * at] = text.charCodeAt(at) >> 8
    octets[2 * at + 1] = text.charCodeAt(at) & 0xff
  }
  return octets
}

function derLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return Uint8Array.of(0x80 | octets.length, ...octets)
}

function unsignedOctets(value: number | Uint8Array): Uint8Array {
  const octets = typeof value === 'number' ? numberOctets(value) : value
  let start = 0
  while (start < octets.length - 1 && octets[start] === 0) start++
  const significant = octets.subarray(start)
  const first = significant[0]
  if (first === undefined) return Uint8Array.of(0)
  return first >= 0x80 ? Uint8Array.of(0, ...significant) : significant
}

function numberOctets(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not an unsigned integer: ${String(value)}`)
  const octets: number[] = []
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return Uint8Array.from(octets)
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** `YYYYMMDDHHMMSSZ`, by the proleptic Gregorian calendar. */
function timeText(epochSeconds: number): string {
  const days = Math.floor(epochSeconds / secondsPerDay)
  const second = Math.floor(epochSeconds - days * secondsPerDay)
  const { year, month, day } = civilDate(days)
  if (year < 0 || year > 9999) throw new RangeError(`no Time can say ${String(epochSeconds)}`)
  const clock = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60]
  return `${String(year).padStart(4, '0')}${[month, day, ...clock].map(twoDigits).join('')}Z`
}

/** Days since 1970-01-01 to a date, in eras of 400 years that begin on 1 March. */
function civilDate(days: number): { year: number; month: number; day: number } {
  const shifted = days + daysFromYearZero
  const era = Math.floor(shifted / daysPerEra)
  const dayOfEra = shifted - era * daysPerEra
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  }
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}

const secondsPerDay = 86_400
const daysPerEra = 146_097
/** From 0000-03-01 to 1970-01-01. */
const daysFromYearZero = 719_468
