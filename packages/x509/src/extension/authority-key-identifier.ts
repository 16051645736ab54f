import { contextConstructed, contextPrimitive, type DerReader, SEQUENCE } from '../der/der-reader.ts'
import { type GeneralName, generalNames } from '../name/general-name.ts'

/** RFC 5280 §4.2.1.1. */
export interface AuthorityKeyIdentifier {
  readonly keyIdentifier?: Uint8Array
  readonly issuer?: readonly GeneralName[]
  readonly serialNumber?: Uint8Array
}

/** Reads AuthorityKeyIdentifier. */
export function authorityKeyIdentifier(reader: DerReader, limit: number): AuthorityKeyIdentifier {
  const end = reader.enter(SEQUENCE, limit)
  const identifier: { keyIdentifier?: Uint8Array; issuer?: readonly GeneralName[]; serialNumber?: Uint8Array } = {}
  if (reader.peek(end) === contextPrimitive(0)) {
    reader.skip(end)
    identifier.keyIdentifier = reader.content()
  }
  if (reader.peek(end) === contextConstructed(1)) identifier.issuer = generalNames(reader, end, contextConstructed(1))
  if (reader.peek(end) === contextPrimitive(2)) identifier.serialNumber = reader.integer(end, contextPrimitive(2))
  reader.leave(end)
  return identifier
}
