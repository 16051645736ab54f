import { type DerReader, SEQUENCE, SET } from '../der/der-reader.ts'
import { attributeText } from './attribute-text.ts'
import { prepareString } from './prepare-string.ts'

/** A name as a certificate holds it: a sequence of sets of attributes, in encoded order. RFC 5280 §4.1.2.4. */
export interface DistinguishedName {
  readonly der: Uint8Array
  readonly rdns: readonly RelativeDistinguishedName[]
  /** Equal for exactly the names that match by distinguishedNameMatch; empty for the empty name. */
  readonly canonical: string
  /** The same, for each RDN. */
  readonly canonicalRdns: readonly string[]
}

export type RelativeDistinguishedName = readonly AttributeTypeAndValue[]

export interface AttributeTypeAndValue {
  /** Dotted object identifier. */
  readonly type: string
  /** The value's whole DER element. */
  readonly der: Uint8Array
  /** The value as text, when it is of a string type and its octets are valid. */
  readonly text: string | undefined
}

/** Reads a Name. */
export function distinguishedName(reader: DerReader, limit: number): DistinguishedName {
  const end = reader.enter(SEQUENCE, limit)
  const der = reader.element()
  const rdns: RelativeDistinguishedName[] = []
  while (reader.position < end) {
    const endOfSet = reader.enter(SET, end)
    rdns.push(relativeDistinguishedName(reader, endOfSet))
    if (rdns.length > MAXIMUM_RDNS) reader.refuse('too_many_elements')
  }
  return nameOf(der, rdns)
}

/** Reads the attributes of one RDN up to `end`, where its set closes. */
export function relativeDistinguishedName(reader: DerReader, end: number): RelativeDistinguishedName {
  const attributes: AttributeTypeAndValue[] = []
  while (reader.position < end) {
    const endOfAttribute = reader.enter(SEQUENCE, end)
    const type = reader.objectIdentifier(endOfAttribute)
    const tag = reader.skip(endOfAttribute)
    attributes.push({
      type,
      der: reader.element(),
      text: tag === -1 ? undefined : attributeText(tag, reader.content()),
    })
    reader.leave(endOfAttribute)
    if (attributes.length > MAXIMUM_ATTRIBUTES) reader.refuse('too_many_elements')
  }
  if (attributes.length === 0) reader.refuse('value_missing')
  return attributes
}

/** Adds to encoded and parsed RDNs what comparison needs. */
export function nameOf(der: Uint8Array, rdns: readonly RelativeDistinguishedName[]): DistinguishedName {
  const canonicalRdns = rdns.map(canonicalRdn)
  return { der, rdns, canonical: canonicalName(canonicalRdns), canonicalRdns }
}

/** The canonical form of a name made of these RDNs. */
export function canonicalName(canonicalRdns: readonly string[]): string {
  return canonicalRdns.join(RDN_END)
}

/** One RDN so that equal text means equal sets. */
export function canonicalRdn(rdn: RelativeDistinguishedName): string {
  if (rdn.length === 1) return canonicalAttribute(rdn[0]!)
  return rdn.map(canonicalAttribute).sort().join(ATTRIBUTE_END)
}

/** One attribute so that equal text means equal type and matching value: prepared text, or the octets in hex. */
export function canonicalAttribute({ type, der, text }: AttributeTypeAndValue): string {
  const prepared = text === undefined ? undefined : prepareString(text)
  return prepared === undefined ? `${type}#${hex(der)}` : `${type}=${prepared}`
}

function hex(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += octet.toString(16).padStart(2, '0')
  return text
}

/** Prepared text holds no control characters, so these cannot be forged from within a value. */
const RDN_END = '\u0001'
const ATTRIBUTE_END = '\u0002'

/** Names in use have at most some twenty parts; comparison cost grows with them. */
const MAXIMUM_RDNS = 256
const MAXIMUM_ATTRIBUTES = 64
