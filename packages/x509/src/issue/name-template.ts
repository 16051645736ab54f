import { UTF8_STRING } from '../der/der-reader.ts'
import { attributeTypesByName } from '../name/attribute-types.ts'
import type { DistinguishedName } from '../name/distinguished-name.ts'
import { type Der, ascii, derElement, derObjectIdentifier, derSequence, derSetOf, derUtf8String, utf16 } from './der.ts'

/** One attribute of a name: the type as a short name (`CN`) or a dotted OID; the value as text, or as DER to be taken as it is. */
export interface AttributeTemplate {
  readonly type: string
  readonly value: string | Uint8Array
  /** Defaults to the type's own where the value fits it: IA5String for `DC` and `emailAddress`, PrintableString for `C` and `serialNumber`; else UTF8String. */
  readonly encoding?: 'utf8' | 'printable' | 'ia5' | 'bmp' | 'teletex'
}

/** A name to be written: complete DER, or RDNs in the order of the encoding (country first), each one attribute or several. */
export type NameTemplate =
  Uint8Array | { readonly der: Uint8Array } | readonly (AttributeTemplate | readonly AttributeTemplate[])[]

/** Writes a Name (RFC 5280 §4.1.2.4). Throws `RangeError` for an attribute type that has no OID here. */
export function encodeName(name: NameTemplate): Der {
  if (name instanceof Uint8Array) return name
  if ('der' in name) return name.der
  return derSequence(...name.map((rdn) => derSetOf(...(isSingle(rdn) ? [rdn] : rdn).map(encodeAttribute))))
}

function isSingle(rdn: AttributeTemplate | readonly AttributeTemplate[]): rdn is AttributeTemplate {
  return 'type' in rdn
}

/**
 * The same name, each value in the string type that RFC 5280 appendix A.1 prescribes for its attribute; text that came as
 * `#hex` stays as it is.
 */
export function nameTemplateOf(name: DistinguishedName): NameTemplate {
  return name.rdns.map((rdn) =>
    rdn.map(({ type, der, text }) => ({ type, value: der[0] === UTF8_STRING && text !== undefined ? text : der })),
  )
}

function encodeAttribute({ type, value, encoding }: AttributeTemplate): Der {
  const oid = attributeTypesByName.get(type.toLowerCase()) ?? type
  return derSequence(derObjectIdentifier(oid), encodeValue(value, encoding ?? usualEncoding(oid, value)))
}

/** The prescribed string type, where the value fits it. */
function usualEncoding(oid: string, value: string | Uint8Array): NonNullable<AttributeTemplate['encoding']> {
  const prescribed = prescribedEncodings.get(oid)
  if (prescribed === undefined || typeof value !== 'string' || !characters[prescribed].test(value)) return 'utf8'
  return prescribed
}

function encodeValue(value: string | Uint8Array, encoding: NonNullable<AttributeTemplate['encoding']>): Der {
  if (typeof value !== 'string') return value
  switch (encoding) {
    case 'utf8':
      return derUtf8String(value)
    case 'printable':
      return derElement(0x13, ascii(value))
    case 'ia5':
      return derElement(0x16, ascii(value))
    case 'teletex':
      return derElement(
        0x14,
        Uint8Array.from(value, (character) => character.charCodeAt(0) & 0xff),
      )
    case 'bmp':
      return derElement(0x1e, utf16(value))
  }
}

const prescribedEncodings: ReadonlyMap<string, 'printable' | 'ia5'> = new Map([
  ['2.5.4.5', 'printable'],
  ['2.5.4.6', 'printable'],
  ['2.5.4.46', 'printable'],
  ['1.3.6.1.4.1.311.60.2.1.3', 'printable'],
  ['0.9.2342.19200300.100.1.25', 'ia5'],
  ['1.2.840.113549.1.9.1', 'ia5'],
])

const characters = { printable: /^[A-Za-z0-9 '()+,\-./:=?]+$/, ia5: /^[\0-\x7f]+$/ }
