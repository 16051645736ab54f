import { contextConstructed, contextPrimitive, type DerReader, SEQUENCE } from '../der/der-reader.ts'
import { type DistinguishedName, distinguishedName } from './distinguished-name.ts'

/** One of the forms of name that a certificate can carry beside its subject. RFC 5280 §4.2.1.6. */
export type GeneralName =
  | { readonly kind: 'other'; readonly oid: string; readonly value: Uint8Array }
  | { readonly kind: 'email'; readonly email: string }
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'x400'; readonly der: Uint8Array }
  | { readonly kind: 'directory'; readonly name: DistinguishedName }
  | { readonly kind: 'edi'; readonly der: Uint8Array }
  | { readonly kind: 'uri'; readonly uri: string }
  /** 4 or 16 octets; in a name constraint 8 or 32, address and mask. */
  | { readonly kind: 'ip'; readonly address: Uint8Array }
  | { readonly kind: 'registered'; readonly oid: string }

/** Reads a non-empty GeneralNames with the given outer tag. */
export function generalNames(reader: DerReader, limit: number, tag: number = SEQUENCE): readonly GeneralName[] {
  const end = reader.enter(tag, limit)
  const names: GeneralName[] = []
  while (reader.position < end) {
    const name = generalName(reader, end)
    if (name !== undefined) names.push(name)
    if (names.length > MAXIMUM_NAMES) reader.refuse('too_many_elements')
  }
  if (names.length === 0) reader.refuse('value_missing')
  return names
}

/** Reads one GeneralName. */
export function generalName(reader: DerReader, limit: number): GeneralName | undefined {
  const tag = reader.peek(limit)
  if (tag === contextConstructed(4)) {
    const end = reader.enter(tag, limit)
    const name = distinguishedName(reader, end)
    reader.leave(end)
    return { kind: 'directory', name }
  }
  if (tag === contextConstructed(0)) return otherName(reader, limit)
  if (tag === contextPrimitive(8)) return { kind: 'registered', oid: reader.objectIdentifier(limit, tag) }
  reader.skip(limit)
  switch (tag) {
    case contextPrimitive(1):
      return { kind: 'email', email: reader.asciiContent() }
    case contextPrimitive(2):
      return { kind: 'dns', name: reader.asciiContent() }
    case contextConstructed(3):
      return { kind: 'x400', der: reader.element() }
    case contextConstructed(5):
      return { kind: 'edi', der: reader.element() }
    case contextPrimitive(6):
      return { kind: 'uri', uri: reader.asciiContent() }
    case contextPrimitive(7):
      return { kind: 'ip', address: reader.content() }
    default:
      reader.refuse('tag_unexpected')
      return undefined
  }
}

function otherName(reader: DerReader, limit: number): GeneralName {
  const end = reader.enter(contextConstructed(0), limit)
  const oid = reader.objectIdentifier(end)
  const endOfValue = reader.enter(contextConstructed(0), end)
  reader.skip(endOfValue)
  const value = reader.element()
  reader.leave(endOfValue)
  reader.leave(end)
  return { kind: 'other', oid, value }
}

/** Above every certificate in use, and below what makes parsing itself an attack. */
const MAXIMUM_NAMES = 10_000
