import { type DerReader, SEQUENCE } from '../der/der-reader.ts'

/** Reads ExtKeyUsageSyntax: dotted identifiers, at least one. RFC 5280 §4.2.1.12. */
export function extendedKeyUsage(reader: DerReader, limit: number): readonly string[] {
  const end = reader.enter(SEQUENCE, limit)
  const purposes: string[] = []
  while (reader.position < end) purposes.push(reader.objectIdentifier(end))
  if (purposes.length === 0) reader.refuse('value_missing')
  return purposes
}

export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
export const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
export const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0'
