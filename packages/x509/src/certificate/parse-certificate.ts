import {
  BOOLEAN,
  contextConstructed,
  contextPrimitive,
  DerReader,
  type DerReason,
  NULL,
  OCTET_STRING,
  SEQUENCE,
} from '../der/der-reader.ts'
import { time } from '../der/time.ts'
import { authorityInformationAccess } from '../extension/authority-information-access.ts'
import { authorityKeyIdentifier } from '../extension/authority-key-identifier.ts'
import { basicConstraints } from '../extension/basic-constraints.ts'
import { certificatePolicies, policyConstraints, policyMappings } from '../extension/certificate-policies.ts'
import { extendedKeyUsage } from '../extension/extended-key-usage.ts'
import { keyUsage } from '../extension/key-usage.ts'
import { nameConstraints } from '../extension/name-constraints.ts'
import { signatureAlgorithm } from '../key/signature-algorithm.ts'
import { subjectPublicKey } from '../key/subject-public-key.ts'
import { distinguishedName } from '../name/distinguished-name.ts'
import { generalNames } from '../name/general-name.ts'
import { fail, ok, type Result } from '../result.ts'
import type { Certificate, Extension } from './certificate.ts'

/** Why octets are no certificate. */
export interface CertificateSyntaxFailure {
  readonly reason: 'certificate_malformed' | 'certificate_too_large'
  readonly detail: DerReason | 'signature_algorithms_differ' | 'extension_repeated' | 'extensions_before_version_3'
  /** Offset in the octets given. */
  readonly offset: number
  /** The part that was being read: a field of RFC 5280 §4.1, or an extension's dotted identifier. */
  readonly field: string
}

/** Reads one certificate in strict DER, of version 1, 2 or 3, with nothing before or behind it. RFC 5280 §4.1. */
export function parseCertificate(der: Uint8Array): Result<Certificate, CertificateSyntaxFailure> {
  if (der.length > MAXIMUM_CERTIFICATE) {
    return fail({ reason: 'certificate_too_large', detail: 'too_many_elements', offset: 0, field: 'certificate' })
  }
  const reader = new DerReader(der)
  const malformed: Malformed = { field: '', detail: undefined }
  const enter = (field: string): void => {
    if (reader.failure === undefined) malformed.field = field
  }

  enter('certificate')
  const end = reader.enter(SEQUENCE, der.length)
  const endOfTbs = reader.enter(SEQUENCE, end)
  const tbs = reader.element()

  enter('version')
  const version = certificateVersion(reader, endOfTbs)
  enter('serialNumber')
  const serialNumber = reader.integer(endOfTbs)
  enter('signature')
  const innerAlgorithmStart = reader.position
  signatureAlgorithm(reader, endOfTbs)
  const innerAlgorithm = der.subarray(innerAlgorithmStart, reader.position)
  enter('issuer')
  const issuer = distinguishedName(reader, endOfTbs)
  enter('validity')
  const endOfValidity = reader.enter(SEQUENCE, endOfTbs)
  const notBefore = time(reader, endOfValidity)
  const notAfter = time(reader, endOfValidity)
  reader.leave(endOfValidity)
  enter('subject')
  const subject = distinguishedName(reader, endOfTbs)
  enter('subjectPublicKeyInfo')
  const publicKey = subjectPublicKey(reader, endOfTbs)
  enter('uniqueIdentifiers')
  for (const number of [1, 2]) {
    if (reader.peek(endOfTbs) !== contextPrimitive(number)) continue
    if (version === 1) reader.refuse('value_not_allowed', reader.position)
    reader.bitString(endOfTbs, contextPrimitive(number))
  }
  const certificate: Writable<Certificate> = {
    der,
    tbs,
    version,
    serialNumber,
    signatureAlgorithm: UNREAD_ALGORITHM,
    signature: der,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    extensions: NO_EXTENSIONS,
    subjectAltNames: NO_EXTENSIONS,
  }
  enter('extensions')
  if (reader.peek(endOfTbs) === contextConstructed(3)) readExtensions(reader, endOfTbs, certificate, malformed)
  enter('tbsCertificate')
  reader.leave(endOfTbs)

  enter('signatureAlgorithm')
  const algorithmStart = reader.position
  certificate.signatureAlgorithm = signatureAlgorithm(reader, end)
  if (reader.failure === undefined && !sameOctets(innerAlgorithm, der.subarray(algorithmStart, reader.position))) {
    malformed.detail = 'signature_algorithms_differ'
    reader.refuse('value_not_allowed', algorithmStart)
  }
  enter('signatureValue')
  certificate.signature = reader.octetsOfBitString(end)
  enter('certificate')
  reader.leave(end)
  reader.leave(der.length)
  if (reader.failure !== undefined) {
    const { reason, offset } = reader.failure
    return fail({ reason: 'certificate_malformed', detail: malformed.detail ?? reason, offset, field: malformed.field })
  }
  return ok(certificate)
}

interface Malformed {
  field: string
  detail: CertificateSyntaxFailure['detail'] | undefined
}

type Writable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] }

function certificateVersion(reader: DerReader, limit: number): 1 | 2 | 3 {
  if (reader.peek(limit) !== contextConstructed(0)) return 1
  const end = reader.enter(contextConstructed(0), limit)
  const version = reader.smallInteger(end, 2)
  reader.leave(end)
  if (version === 0) reader.refuse('value_not_allowed')
  return version === 2 ? 3 : 2
}

function readExtensions(reader: DerReader, limit: number, into: Writable<Certificate>, malformed: Malformed): void {
  if (into.version !== 3) {
    malformed.detail = 'extensions_before_version_3'
    reader.refuse('value_not_allowed', reader.position)
    return
  }
  const endOfTag = reader.enter(contextConstructed(3), limit)
  const end = reader.enter(SEQUENCE, endOfTag)
  const extensions: Extension[] = []
  while (reader.position < end) {
    const extension = readExtension(reader, end)
    if (reader.failure !== undefined) return
    if (extensions.some(({ oid }) => oid === extension.oid)) {
      malformed.detail = 'extension_repeated'
      reader.refuse('value_not_allowed')
      return
    }
    extensions.push(extension)
    const behind = reader.position
    reader.position = reader.contentStart
    interpretExtension(reader, behind, extension.oid, into)
    reader.leave(behind)
    if (reader.failure !== undefined) {
      malformed.field = extension.oid
      return
    }
    if (extensions.length > MAXIMUM_EXTENSIONS) reader.refuse('too_many_elements')
  }
  if (extensions.length === 0) reader.refuse('value_missing')
  reader.leave(endOfTag)
  into.extensions = extensions
}

/** Reads one Extension and leaves the reader behind it, with the value as the element read last. RFC 5280 §4.2. */
export function readExtension(reader: DerReader, limit: number): Extension {
  const end = reader.enter(SEQUENCE, limit)
  const oid = reader.objectIdentifier(end)
  const critical = reader.peek(end) === BOOLEAN ? reader.boolean(end) : false
  reader.expect(OCTET_STRING, end)
  reader.leave(end)
  return { oid, critical, value: reader.content() }
}

/** Reads the value of an extension that every validation needs; leaves others unread. */
function interpretExtension(reader: DerReader, end: number, oid: string, into: Writable<Certificate>): void {
  switch (oid) {
    case '2.5.29.14':
      into.subjectKeyIdentifier = reader.octetString(end)
      return
    case '2.5.29.15':
      into.keyUsage = keyUsage(reader, end)
      return
    case '2.5.29.17':
      into.subjectAltNames = generalNames(reader, end)
      return
    case '2.5.29.19':
      into.basicConstraints = basicConstraints(reader, end)
      return
    case '2.5.29.30':
      into.nameConstraints = nameConstraints(reader, end)
      return
    case '2.5.29.32':
      into.certificatePolicies = certificatePolicies(reader, end)
      return
    case '2.5.29.33':
      into.policyMappings = policyMappings(reader, end)
      return
    case '2.5.29.35':
      into.authorityKeyIdentifier = authorityKeyIdentifier(reader, end)
      return
    case '2.5.29.36':
      into.policyConstraints = policyConstraints(reader, end)
      return
    case '2.5.29.37':
      into.extendedKeyUsage = extendedKeyUsage(reader, end)
      return
    case '2.5.29.54':
      into.inhibitAnyPolicy = reader.smallInteger(end)
      return
    case '1.3.6.1.5.5.7.1.1':
      into.authorityInformationAccess = authorityInformationAccess(reader, end)
      return
    case '2.5.29.56':
      reader.expect(NULL, end)
      if (reader.contentEnd !== reader.contentStart) reader.refuse('value_not_allowed')
      into.noRevocationAvailable = true
      return
    default:
      reader.position = end
  }
}

/** Tells whether two arrays hold the same octets. Public data: the time taken is of no concern. */
export function sameOctets(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}

const UNREAD_ALGORITHM = { name: '', key: undefined, digest: null }
const NO_EXTENSIONS: readonly never[] = []

/** A root with thousands of name constraints or an ML-DSA key stays below; parsing time grows with size. */
const MAXIMUM_CERTIFICATE = 1_000_000
const MAXIMUM_EXTENSIONS = 100
