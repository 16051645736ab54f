import { readExtension, sameOctets } from '../certificate/parse-certificate.ts'
import {
  contextConstructed,
  contextPrimitive,
  DerReader,
  type DerReason,
  ENUMERATED,
  GENERALIZED_TIME,
  INTEGER,
  SEQUENCE,
  UTC_TIME,
} from '../der/der-reader.ts'
import { time } from '../der/time.ts'
import { authorityKeyIdentifier } from '../extension/authority-key-identifier.ts'
import { distributionPointName } from '../extension/crl-distribution-points.ts'
import { signatureAlgorithm } from '../key/signature-algorithm.ts'
import { distinguishedName, type DistinguishedName, nameOf } from '../name/distinguished-name.ts'
import { generalNames } from '../name/general-name.ts'
import { fail, ok, type Result } from '../result.ts'
import type { CertificateRevocationList, CrlFlaw, IssuingDistributionPoint } from './certificate-revocation-list.ts'
import { readPlainEntries } from './plain-entries.ts'
import { type RevokedSerialIndexBuilder, revokedSerialIndexBuilder } from './revoked-serial-index.ts'

/** Why octets are no CRL. */
export interface CrlSyntaxFailure {
  readonly reason: 'crl_malformed' | 'crl_too_large'
  readonly detail: DerReason | 'signature_algorithms_differ'
  readonly offset: number
}

/** Reads a CRL of version 1 or 2 in strict DER, in one pass over its entries. RFC 5280 §5.1. */
export function parseCertificateRevocationList(der: Uint8Array): Result<CertificateRevocationList, CrlSyntaxFailure> {
  if (der.length > MAXIMUM_CRL) return fail({ reason: 'crl_too_large', detail: 'too_many_elements', offset: 0 })
  const reader = new DerReader(der)
  const end = reader.enter(SEQUENCE, der.length)
  const endOfTbs = reader.enter(SEQUENCE, end)
  const tbs = reader.element()
  if (reader.peek(endOfTbs) === INTEGER && reader.smallInteger(endOfTbs, 1) !== 1) reader.refuse('value_not_allowed')
  const innerAlgorithmStart = reader.position
  signatureAlgorithm(reader, endOfTbs)
  const innerAlgorithm = der.subarray(innerAlgorithmStart, reader.position)
  const issuer = copied(distinguishedName(reader, endOfTbs))
  const thisUpdate = time(reader, endOfTbs)
  const next = reader.peek(endOfTbs)
  const nextUpdate = next === UTC_TIME || next === GENERALIZED_TIME ? time(reader, endOfTbs) : undefined
  // The list's own extensions come behind its entries and say whether those name other issuers.
  const entriesStart = reader.position
  if (reader.peek(endOfTbs) === SEQUENCE) reader.skip(endOfTbs)
  const list: Mutable = {
    issuer,
    thisUpdate,
    nextUpdate,
    revoked: revokedSerialIndexBuilder(0).finish(),
    unusable: undefined,
    signatureAlgorithm: { name: '', key: undefined, digest: null },
    signature: tbs,
    tbs,
    signedBy: undefined,
  }
  if (reader.peek(endOfTbs) === contextConstructed(0)) readListExtensions(reader, endOfTbs, list)
  reader.leave(endOfTbs)
  const algorithmStart = reader.position
  list.signatureAlgorithm = signatureAlgorithm(reader, end)
  const differ =
    reader.failure === undefined && !sameOctets(innerAlgorithm, der.subarray(algorithmStart, reader.position))
  if (differ) reader.refuse('value_not_allowed', algorithmStart)
  list.signature = reader.octetsOfBitString(end).slice()
  reader.leave(end)
  reader.leave(der.length)
  if (reader.failure === undefined) readEntries(reader, entriesStart, endOfTbs, list)
  if (reader.failure === undefined) return ok(list)
  const { reason, offset } = reader.failure
  return fail({ reason: 'crl_malformed', detail: differ ? 'signature_algorithms_differ' : reason, offset })
}

type Mutable = { -readonly [Key in keyof CertificateRevocationList]: CertificateRevocationList[Key] }

function readEntries(reader: DerReader, start: number, limit: number, list: Mutable): void {
  reader.position = start
  if (reader.peek(limit) !== SEQUENCE) return
  const end = reader.enter(SEQUENCE, limit)
  if (reader.position === end) reader.refuse('value_missing')
  const builder = revokedSerialIndexBuilder(Math.floor((end - reader.position) / SMALLEST_ENTRY))
  const indirect = list.issuingDistributionPoint?.indirect === true
  let issuer = indirect ? list.issuer.canonical : undefined
  while (reader.position < end) {
    if (issuer === undefined) reader.position = readPlainEntries(reader.bytes, reader.position, end, builder)
    if (reader.position < end) issuer = readEntry(reader, end, builder, issuer, list)
  }
  list.revoked = builder.finish()
}

/** Reads one entry and answers the issuer that holds from here on, as an indirect list has it. RFC 5280 §5.3.3. */
function readEntry(
  reader: DerReader,
  limit: number,
  builder: RevokedSerialIndexBuilder,
  issuer: string | undefined,
  list: Mutable,
): string | undefined {
  const end = reader.enter(SEQUENCE, limit)
  reader.integer(end)
  const serialStart = reader.contentStart
  const serialEnd = reader.contentEnd
  const revokedAt = time(reader, end)
  let reasonCode = 0
  let from = issuer
  if (reader.position < end) {
    const endOfExtensions = reader.enter(SEQUENCE, end)
    while (reader.position < endOfExtensions) {
      const { oid, critical } = readExtension(reader, endOfExtensions)
      const behind = reader.position
      reader.position = reader.contentStart
      if (oid === REASON_CODE) reasonCode = reader.smallInteger(behind, 10, ENUMERATED)
      else if (oid === CERTIFICATE_ISSUER) from = certificateIssuer(reader, behind, issuer, list)
      else {
        if (critical) list.unusable ??= 'critical_entry_extension_unknown'
        reader.position = behind
      }
      reader.leave(behind)
    }
  }
  reader.leave(end)
  if (reader.failure === undefined) builder.add(from, reader.bytes, serialStart, serialEnd, revokedAt, reasonCode)
  return from
}

function certificateIssuer(
  reader: DerReader,
  limit: number,
  issuer: string | undefined,
  list: Mutable,
): string | undefined {
  const name = generalNames(reader, limit).find(({ kind }) => kind === 'directory')
  if (issuer === undefined || name?.kind !== 'directory') {
    list.unusable ??= 'critical_entry_extension_unknown'
    return issuer
  }
  return name.name.canonical
}

function readListExtensions(reader: DerReader, limit: number, list: Mutable): void {
  const endOfTag = reader.enter(contextConstructed(0), limit)
  const end = reader.enter(SEQUENCE, endOfTag)
  const seen = new Set<string>()
  while (reader.position < end) {
    const { oid, critical, value } = readExtension(reader, end)
    const behind = reader.position
    reader.position = reader.contentStart
    if (seen.has(oid)) reader.refuse('value_not_allowed')
    seen.add(oid)
    const flaw = readListExtension(reader, behind, oid, critical, value, list)
    if (flaw !== undefined) list.unusable ??= flaw
    reader.leave(behind)
  }
  reader.leave(endOfTag)
}

function readListExtension(
  reader: DerReader,
  limit: number,
  oid: string,
  critical: boolean,
  value: Uint8Array,
  list: Mutable,
): CrlFlaw | undefined {
  switch (oid) {
    case '2.5.29.20':
      list.crlNumber = bigInteger(reader.integer(limit))
      return critical ? 'crl_number_critical' : undefined
    case '2.5.29.27':
      list.baseCrlNumber = bigInteger(reader.integer(limit))
      return critical ? undefined : 'delta_indicator_not_critical'
    case '2.5.29.28':
      // Read from octets of its own, so that its names do not keep the whole list in memory.
      list.issuingDistributionPoint = issuingDistributionPoint(reader, value.slice())
      reader.position = reader.failure === undefined ? limit : reader.position
      return undefined
    case '2.5.29.35': {
      const { keyIdentifier } = authorityKeyIdentifier(reader, limit)
      if (keyIdentifier !== undefined) list.authorityKeyIdentifier = { keyIdentifier: keyIdentifier.slice() }
      return undefined
    }
    default:
      reader.position = limit
      return critical ? 'critical_extension_unknown' : undefined
  }
}

function issuingDistributionPoint(outer: DerReader, value: Uint8Array): IssuingDistributionPoint {
  const reader = new DerReader(value)
  const end = reader.enter(SEQUENCE, value.length)
  const name = distributionPointName(reader, end)
  const flag = (number: number): boolean => {
    if (reader.peek(end) !== contextPrimitive(number)) return false
    reader.skip(end)
    const isTrue = reader.content().length === 1 && reader.content()[0] === 0xff
    if (!isTrue) reader.refuse('boolean_malformed')
    return isTrue
  }
  const users = flag(1)
  const authorities = flag(2)
  const reasons = reader.peek(end) === contextPrimitive(3) ? reader.namedBits(end, contextPrimitive(3)) : undefined
  const indirect = flag(4)
  const attributes = flag(5)
  reader.leave(end)
  reader.leave(value.length)
  if (Number(users) + Number(authorities) + Number(attributes) > 1) reader.refuse('value_not_allowed')
  if (reader.failure !== undefined) outer.refuse(reader.failure.reason, outer.contentStart)
  const contains = users
    ? 'user_certificates'
    : authorities
      ? 'ca_certificates'
      : attributes
        ? 'attribute_certificates'
        : 'all'
  const identity = [...value].map((octet) => octet.toString(16).padStart(2, '0')).join('')
  const point = { contains, indirect, identity } as const
  return { ...point, ...(name === undefined ? {} : { name }), ...(reasons === undefined ? {} : { reasons }) }
}

function bigInteger(octets: Uint8Array): bigint {
  let value = 0n
  for (const octet of octets) value = (value << 8n) | BigInt(octet)
  return value
}

/** The same name over octets of its own, so that it does not keep the whole list in memory. */
function copied(name: DistinguishedName): DistinguishedName {
  const rdns = name.rdns.map((rdn) => rdn.map(({ type, der, text }) => ({ type, der: der.slice(), text })))
  return nameOf(name.der.slice(), rdns)
}

const REASON_CODE = '2.5.29.21'
const CERTIFICATE_ISSUER = '2.5.29.29'

/** Serial number of one octet and a date. */
const SMALLEST_ENTRY = 20
/** Five million entries; the rim bounds what it fetches, which is less. */
const MAXIMUM_CRL = 250_000_000
