import type { Certificate } from '../certificate/certificate.ts'
import { contextConstructed, contextPrimitive, DerReader, SEQUENCE } from '../der/der-reader.ts'
import { type RelativeDistinguishedName, relativeDistinguishedName } from '../name/distinguished-name.ts'
import { type GeneralName, generalNames } from '../name/general-name.ts'

/** RFC 5280 §4.2.1.13. */
export interface DistributionPoint {
  readonly name?: DistributionPointName
  /** Bits of ReasonFlags, bit 0 lowest; absent for all reasons. */
  readonly reasons?: number
  readonly crlIssuer?: readonly GeneralName[]
}

export type DistributionPointName =
  | { readonly kind: 'full'; readonly names: readonly GeneralName[] }
  | { readonly kind: 'relative'; readonly rdn: RelativeDistinguishedName }

/** The distribution points of a certificate, or those of its delta CRLs; undefined when malformed, empty when there are none. */
export function crlDistributionPoints(
  certificate: Certificate,
  kind: 'complete' | 'delta' = 'complete',
): readonly DistributionPoint[] | undefined {
  const oid = kind === 'complete' ? CRL_DISTRIBUTION_POINTS : FRESHEST_CRL
  const value = certificate.extensions.find((extension) => extension.oid === oid)?.value
  return value === undefined ? [] : parseDistributionPoints(value)
}

function parseDistributionPoints(value: Uint8Array): readonly DistributionPoint[] | undefined {
  const reader = new DerReader(value)
  const end = reader.enter(SEQUENCE, value.length)
  const points: DistributionPoint[] = []
  while (reader.position < end) {
    points.push(distributionPoint(reader, end))
    if (points.length > MAXIMUM_POINTS) reader.refuse('too_many_elements')
  }
  reader.leave(end)
  reader.leave(value.length)
  return reader.failure === undefined && points.length > 0 ? points : undefined
}

function distributionPoint(reader: DerReader, limit: number): DistributionPoint {
  const end = reader.enter(SEQUENCE, limit)
  const point: { name?: DistributionPointName; reasons?: number; crlIssuer?: readonly GeneralName[] } = {}
  const name = distributionPointName(reader, end)
  if (name !== undefined) point.name = name
  if (reader.peek(end) === contextPrimitive(1)) point.reasons = reader.namedBits(end, contextPrimitive(1))
  if (reader.peek(end) === contextConstructed(2)) point.crlIssuer = generalNames(reader, end, contextConstructed(2))
  reader.leave(end)
  if (point.name === undefined && point.crlIssuer === undefined) reader.refuse('value_missing')
  return point
}

/** Reads the `[0]` that distribution points and issuing distribution points begin with; undefined when it is not there. */
export function distributionPointName(reader: DerReader, limit: number): DistributionPointName | undefined {
  if (reader.peek(limit) !== contextConstructed(0)) return undefined
  const end = reader.enter(contextConstructed(0), limit)
  if (reader.peek(end) === contextConstructed(0)) {
    const names = generalNames(reader, end, contextConstructed(0))
    reader.leave(end)
    return { kind: 'full', names }
  }
  const endOfRdn = reader.enter(contextConstructed(1), end)
  const rdn = relativeDistinguishedName(reader, endOfRdn)
  reader.leave(end)
  return { kind: 'relative', rdn }
}

/** Every bit of ReasonFlags but the unused first one. RFC 5280 §4.2.1.13. */
export const ALL_REASONS = 0b1_1111_1110

const CRL_DISTRIBUTION_POINTS = '2.5.29.31'
const FRESHEST_CRL = '2.5.29.46'

/** Certificates in use have one to three. */
const MAXIMUM_POINTS = 64
