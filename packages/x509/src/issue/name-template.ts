import { type Der, ascii, derElement, derObjectIdentifier, derSequence, derSetOf, derUtf8String, utf16 } from './der.ts'

/** One attribute of a name: the type as a short name (`CN`) or a dotted OID; the value as text, or as DER to be taken as it is. */
export interface AttributeTemplate {
  readonly type: string
  readonly value: string | Uint8Array
  /** Defaults to the type's own: IA5String for `DC` and `emailAddress`, PrintableString for `C` and `serialNumber`, else UTF8String. */
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

function encodeAttribute(attribute: AttributeTemplate): Der {
  const known = attributeTypes.get(attribute.type.toLowerCase())
  const oid = known?.oid ?? attribute.type
  return derSequence(
    derObjectIdentifier(oid),
    encodeValue(attribute.value, attribute.encoding ?? known?.encoding ?? 'utf8'),
  )
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

const attributeTypes: ReadonlyMap<string, { readonly oid: string; readonly encoding?: 'printable' | 'ia5' }> = new Map([
  ['cn', { oid: '2.5.4.3' }],
  ['sn', { oid: '2.5.4.4' }],
  ['serialnumber', { oid: '2.5.4.5', encoding: 'printable' }],
  ['c', { oid: '2.5.4.6', encoding: 'printable' }],
  ['l', { oid: '2.5.4.7' }],
  ['st', { oid: '2.5.4.8' }],
  ['street', { oid: '2.5.4.9' }],
  ['o', { oid: '2.5.4.10' }],
  ['ou', { oid: '2.5.4.11' }],
  ['title', { oid: '2.5.4.12' }],
  ['businesscategory', { oid: '2.5.4.15' }],
  ['givenname', { oid: '2.5.4.42' }],
  ['organizationidentifier', { oid: '2.5.4.97' }],
  ['jurisdictioncountryname', { oid: '1.3.6.1.4.1.311.60.2.1.3', encoding: 'printable' }],
  ['uid', { oid: '0.9.2342.19200300.100.1.1' }],
  ['dc', { oid: '0.9.2342.19200300.100.1.25', encoding: 'ia5' }],
  ['emailaddress', { oid: '1.2.840.113549.1.9.1', encoding: 'ia5' }],
])
