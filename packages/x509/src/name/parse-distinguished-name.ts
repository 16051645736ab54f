import { DerReader, OBJECT_IDENTIFIER, SEQUENCE, SET, UTF8_STRING } from '../der/der-reader.ts'
import { encodeElement } from '../der/encode-element.ts'
import { objectIdentifierOctets } from '../der/object-identifier.ts'
import { fail, ok, type Result } from '../result.ts'
import { attributeText, utf8 } from './attribute-text.ts'
import { attributeNamesByType, attributeTypesByName } from './attribute-types.ts'
import {
  type AttributeTypeAndValue,
  canonicalAttribute,
  type DistinguishedName,
  nameOf,
  type RelativeDistinguishedName,
} from './distinguished-name.ts'
import { oneLineName } from './one-line-name.ts'

/** Why text is no RFC 4514 name. */
export interface NameSyntaxFailure {
  readonly reason: NameSyntaxReason
  /** Index into the text, in UTF-16 units. */
  readonly position: number
  readonly hint: string
  /** The text that was probably meant. */
  readonly suggestion?: string
}

export type NameSyntaxReason =
  | 'name_too_long'
  | 'name_one_line_form'
  | 'attribute_type_missing'
  | 'attribute_type_unknown'
  | 'object_identifier_malformed'
  | 'object_identifier_prefixed'
  | 'equals_sign_missing'
  | 'character_not_escaped'
  | 'escape_malformed'
  | 'value_not_utf8'
  | 'hex_value_malformed'
  | 'attribute_repeated'
  | 'rdn_missing'

/**
 * Reads the text form of a name; the first RDN of the text is the last of the name.
 *
 * RFC 4514 §3, with blanks allowed around `,`, `+` and `=`, further attribute names, and plain values behind dotted types.
 * The empty text is the empty name, which matches nothing.
 */
export function parseDistinguishedName(text: string): Result<DistinguishedName, NameSyntaxFailure> {
  if (text.length > MAXIMUM_TEXT) {
    return fail({ reason: 'name_too_long', position: MAXIMUM_TEXT, hint: `at most ${MAXIMUM_TEXT} characters` })
  }
  const oneLine = oneLineName(text)
  if (oneLine !== undefined) {
    return fail({
      reason: 'name_one_line_form',
      position: 0,
      hint: 'write the name as RFC 4514 does: comma-separated, most particular part first',
      suggestion: oneLine,
    })
  }
  const scan: Scan = { text, at: 0, failure: undefined }
  const rdns: RelativeDistinguishedName[] = []
  if (text !== '') {
    do rdns.unshift(scanRdn(scan, rdns.length))
    while (take(scan, ','))
  }
  if (scan.failure !== undefined) return fail(scan.failure)
  const der = encodeElement(SEQUENCE, ...rdns.map(encodeRdn))
  return ok(nameOf(der, rdns))
}

interface Scan {
  readonly text: string
  at: number
  failure: NameSyntaxFailure | undefined
}

function scanRdn(scan: Scan, index: number): RelativeDistinguishedName {
  const attributes: AttributeTypeAndValue[] = []
  const seen = new Set<string>()
  do {
    skipBlanks(scan)
    const position = scan.at
    if (position === scan.text.length && (index > 0 || attributes.length > 0)) {
      refuse(scan, 'rdn_missing', position, 'the text ends where another attribute should stand')
      break
    }
    const attribute = scanAttribute(scan)
    if (scan.failure !== undefined) break
    const canonical = canonicalAttribute(attribute)
    if (seen.has(canonical)) refuse(scan, 'attribute_repeated', position, 'an RDN is a set: each attribute once')
    seen.add(canonical)
    attributes.push(attribute)
  } while (take(scan, '+'))
  return attributes
}

function scanAttribute(scan: Scan): AttributeTypeAndValue {
  const type = scanType(scan)
  skipBlanks(scan)
  if (!take(scan, '=')) {
    refuse(scan, 'equals_sign_missing', scan.at, 'an attribute is written type=value')
  }
  skipBlanks(scan)
  const der = scan.text[scan.at] === '#' ? scanHex(scan) : encodeElement(UTF8_STRING, scanString(scan))
  return { type, der, text: scan.failure === undefined ? textOfElement(der) : undefined }
}

function scanType(scan: Scan): string {
  const start = scan.at
  const word = /^[A-Za-z0-9.-]*/.exec(scan.text.slice(start, start + MAXIMUM_TYPE))![0]
  scan.at += word.length
  if (word === '') {
    refuse(scan, 'attribute_type_missing', start, 'an attribute is written type=value')
    return ''
  }
  if (/^oid\./i.test(word)) {
    refuse(
      scan,
      'object_identifier_prefixed',
      start,
      'write the dotted identifier without "OID."',
      withoutPrefix(scan.text),
    )
    return ''
  }
  if (/^\d/.test(word)) {
    if (objectIdentifierOctets(word) === undefined) {
      refuse(
        scan,
        'object_identifier_malformed',
        start,
        'arcs are decimal numbers without leading zeros, like 2.5.4.97',
      )
    }
    return word
  }
  const type = attributeTypesByName.get(word.toLowerCase())
  if (type === undefined) {
    const nearest = nearestAttributeName(word)
    refuse(
      scan,
      'attribute_type_unknown',
      start,
      `"${word}" is no known attribute type: write its dotted identifier with the value as text, or as # and the hex of its DER, like 2.5.4.97=#0c0178; if it belongs to the value before it, escape the comma`,
      nearest && `${scan.text.slice(0, start)}${nearest}${scan.text.slice(scan.at)}`,
    )
  }
  return type ?? ''
}

/** RFC 4514 §3 `string`: the octets of its UTF-8 form. Trailing blanks belong to the value only when escaped. */
function scanString(scan: Scan): Uint8Array {
  const octets: number[] = []
  const start = scan.at
  let significant = 0
  while (scan.at < scan.text.length && scan.failure === undefined) {
    const character = String.fromCodePoint(scan.text.codePointAt(scan.at)!)
    if (character === ',' || character === '+') break
    if (character === '\\') {
      scanEscape(scan, octets)
      significant = octets.length
      continue
    }
    if (character === '"' || character === ';' || character === '<' || character === '>' || character === '\0') {
      refuse(scan, 'character_not_escaped', scan.at, `write ${escapeOf(character)} for this character inside a value`)
      break
    }
    if (!character.isWellFormed()) {
      refuse(scan, 'value_not_utf8', scan.at, 'a lone surrogate is no character')
      break
    }
    octets.push(...new TextEncoder().encode(character))
    if (character !== ' ') significant = octets.length
    scan.at += character.length
  }
  const value = Uint8Array.from(octets.slice(0, significant))
  if (utf8(value) === undefined) refuse(scan, 'value_not_utf8', start, 'hex pairs must spell the octets of UTF-8')
  return value
}

function scanEscape(scan: Scan, octets: number[]): void {
  const next = scan.text[scan.at + 1]
  if (next !== undefined && ESCAPABLE.includes(next)) {
    octets.push(next.charCodeAt(0))
    scan.at += 2
    return
  }
  const pair = scan.text.slice(scan.at + 1, scan.at + 3)
  if (!/^[0-9a-fA-F]{2}$/.test(pair)) {
    refuse(scan, 'escape_malformed', scan.at, 'a backslash stands before a special character or two hex digits')
    return
  }
  octets.push(Number.parseInt(pair, 16))
  scan.at += 3
}

/** RFC 4514 §3 `hexstring`: exactly one element, here in DER. */
function scanHex(scan: Scan): Uint8Array {
  const start = scan.at
  const digits = /^#([0-9a-fA-F]*) */.exec(scan.text.slice(start))!
  scan.at += digits[0].length
  const end = scan.text[scan.at]
  const pairs = digits[1]!.match(/../g) ?? []
  const octets = Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16))
  const reader = new DerReader(octets)
  reader.skip(octets.length)
  reader.leave(octets.length)
  const whole =
    digits[1]!.length % 2 === 0 && reader.failure === undefined && (end === undefined || end === ',' || end === '+')
  if (!whole)
    refuse(
      scan,
      'hex_value_malformed',
      start,
      '# is followed by one DER element in hex digits; a plain # is written \\#',
    )
  return octets
}

function textOfElement(der: Uint8Array): string | undefined {
  const reader = new DerReader(der)
  return attributeText(reader.skip(der.length), reader.content())
}

function encodeRdn(rdn: RelativeDistinguishedName): Uint8Array {
  const attributes = rdn.map(({ type, der }) =>
    encodeElement(SEQUENCE, encodeElement(OBJECT_IDENTIFIER, objectIdentifierOctets(type) ?? new Uint8Array()), der),
  )
  return encodeElement(SET, ...attributes.sort(compareOctets))
}

/** X.690 §11.6. */
function compareOctets(one: Uint8Array, other: Uint8Array): number {
  const shared = Math.min(one.length, other.length)
  for (let at = 0; at < shared; at++) if (one[at] !== other[at]) return one[at]! - other[at]!
  return one.length - other.length
}

function skipBlanks(scan: Scan): void {
  while (scan.text[scan.at] === ' ') scan.at++
}

function take(scan: Scan, character: string): boolean {
  if (scan.failure !== undefined || scan.text[scan.at] !== character) return false
  scan.at++
  return true
}

function refuse(scan: Scan, reason: NameSyntaxReason, position: number, hint: string, suggestion?: string): void {
  scan.failure ??= suggestion === undefined ? { reason, position, hint } : { reason, position, hint, suggestion }
}

/** The known name that was probably meant, in its usual spelling. */
function nearestAttributeName(word: string): string | undefined {
  if (word.length < 4 || word.length > MAXIMUM_NAME) return undefined
  for (const [name, type] of attributeTypesByName) {
    if (name.length >= 4 && isNear(word.toLowerCase(), name)) return attributeNamesByType.get(type) ?? name
  }
  return undefined
}

/** Equal but for one letter that is another, missing, or too much. */
function isNear(one: string, other: string): boolean {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  const rest = one.slice(at + 1)
  const otherRest = other.slice(at + 1)
  return rest === otherRest || rest === other.slice(at) || one.slice(at) === otherRest
}

function withoutPrefix(text: string): string {
  return text.replace(/(^|[,+] *)oid\.(?=\d)/gi, '$1')
}

function escapeOf(character: string): string {
  return character === '\0' ? '\\00' : `\\${character}`
}

/** RFC 4514 §3 `special`, and `ESC` itself. */
const ESCAPABLE = '\\"+,;<>#= '

/** A hundred times what names in use take. */
const MAXIMUM_TEXT = 8_192
const MAXIMUM_TYPE = 300
/** The longest known name has less. */
const MAXIMUM_NAME = 64
