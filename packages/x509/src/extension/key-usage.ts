import type { DerReader } from '../der/der-reader.ts'

/** RFC 5280 §4.2.1.3. */
export type KeyUsage =
  | 'digitalSignature'
  | 'nonRepudiation'
  | 'keyEncipherment'
  | 'dataEncipherment'
  | 'keyAgreement'
  | 'keyCertSign'
  | 'cRLSign'
  | 'encipherOnly'
  | 'decipherOnly'

/** Reads KeyUsage; at least one bit must be set. */
export function keyUsage(reader: DerReader, limit: number): readonly KeyUsage[] {
  const bits = reader.namedBits(limit)
  if (bits === 0) reader.refuse('value_missing')
  return KEY_USAGES.filter((_, bit) => (bits & (1 << bit)) !== 0)
}

const KEY_USAGES: readonly KeyUsage[] = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
]
