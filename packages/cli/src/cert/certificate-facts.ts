import {
  type Certificate,
  formatDistinguishedName,
  formatIpAddress,
  type GeneralName,
  ORGANIZATION_IDENTIFIER,
  type Psd2Statement,
  qcStatements,
  smtpUtf8Mailbox,
  subjectAttributes,
} from '@holdfast/x509'
import { instantText } from './instant.ts'
import { registration } from './registration.ts'
import { thumbprintOf } from './thumbprint-of.ts'

/** What a certificate says, as plain JSON for people and programs. Times are ISO 8601. */
export interface CertificateFacts {
  /** RFC 4514. */
  readonly subject: string
  readonly issuer: string
  /** Hexadecimal. */
  readonly serialNumber: string
  readonly notBefore: string
  readonly notAfter: string
  readonly validity: 'valid' | 'expired' | 'not_yet_valid'
  /** Whole days until the end, negative behind it. */
  readonly daysLeft: number
  readonly role: 'leaf' | 'ca'
  readonly selfIssued: boolean
  readonly publicKey: string
  readonly signatureAlgorithm: string
  readonly keyUsage: readonly string[]
  readonly extendedKeyUsage: readonly string[]
  readonly subjectAltNames: readonly { readonly kind: GeneralName['kind']; readonly value: string }[]
  readonly 'x5t#S256': string
  /** organizationIdentifier, as often as it stands in the subject. */
  readonly organizationIdentifiers: readonly string[]
  /** What it says of itself as a qualified certificate. */
  readonly qualified?: QualifiedFacts
  /** Registrations that the certificate would satisfy, each alone. */
  readonly registration: readonly { readonly [member: string]: string | readonly string[] }[]
}

export interface QualifiedFacts {
  readonly compliance: 'eu_qualified' | 'not_stated' | 'malformed'
  readonly types: readonly string[]
  readonly psd2?: Psd2Statement
}

/** Takes the facts out of a certificate. `now` in epoch seconds. */
export function certificateFacts(certificate: Certificate, now: number): CertificateFacts {
  const ca = certificate.basicConstraints?.ca === true
  return {
    subject: formatDistinguishedName(certificate.subject),
    issuer: formatDistinguishedName(certificate.issuer),
    serialNumber: Buffer.from(certificate.serialNumber).toString('hex'),
    notBefore: instantText(certificate.notBefore),
    notAfter: instantText(certificate.notAfter),
    validity: now > certificate.notAfter ? 'expired' : now < certificate.notBefore ? 'not_yet_valid' : 'valid',
    daysLeft: Math.trunc((certificate.notAfter - now) / secondsPerDay),
    role: ca ? 'ca' : 'leaf',
    selfIssued: certificate.subject.canonical === certificate.issuer.canonical,
    publicKey: keyText(certificate.publicKey),
    signatureAlgorithm: certificate.signatureAlgorithm.name,
    keyUsage: certificate.keyUsage ?? [],
    extendedKeyUsage: (certificate.extendedKeyUsage ?? []).map((oid) => purposeNames.get(oid) ?? oid),
    subjectAltNames: certificate.subjectAltNames.map((name) => ({
      kind: smtpUtf8Mailbox(name) === undefined ? name.kind : 'email',
      value: generalNameText(name),
    })),
    'x5t#S256': thumbprintOf(certificate.der),
    organizationIdentifiers: subjectAttributes(certificate, ORGANIZATION_IDENTIFIER).map(({ text }) => text ?? '#'),
    ...qualifiedFacts(certificate),
    registration: registration(certificate).map(({ member, value }) => ({ [member]: value })),
  }
}

/** ETSI EN 319 412-5 §4, ETSI TS 119 495 §5.1. */
function qualifiedFacts(certificate: Certificate): { readonly qualified?: QualifiedFacts } {
  const read = qcStatements(certificate)
  if (!read.ok) return { qualified: { compliance: 'malformed', types: [] } }
  if (read.value === undefined) return {}
  const { compliance, types, psd2 } = read.value
  return { qualified: { compliance, types, ...(psd2 === undefined ? {} : { psd2 }) } }
}

function keyText({ algorithm, curve, bits }: Certificate['publicKey']): string {
  if (curve !== undefined) return `${algorithm} ${curve}`
  return algorithm === 'rsa' || algorithm === 'rsa-pss' ? `${algorithm} ${bits}` : algorithm
}

function generalNameText(name: GeneralName): string {
  switch (name.kind) {
    case 'dns':
      return name.name
    case 'uri':
      return name.uri
    case 'email':
      return name.email
    case 'ip':
      return formatIpAddress(name.address)
    case 'directory':
      return formatDistinguishedName(name.name)
    case 'other':
      return smtpUtf8Mailbox(name) ?? `${name.oid} #${Buffer.from(name.value).toString('hex')}`
    case 'registered':
      return name.oid
    case 'x400':
    case 'edi':
      return `#${Buffer.from(name.der).toString('hex')}`
  }
}

const secondsPerDay = 86_400

const purposeNames: ReadonlyMap<string, string> = new Map([
  ['2.5.29.37.0', 'anyExtendedKeyUsage'],
  ['1.3.6.1.5.5.7.3.1', 'serverAuth'],
  ['1.3.6.1.5.5.7.3.2', 'clientAuth'],
  ['1.3.6.1.5.5.7.3.3', 'codeSigning'],
  ['1.3.6.1.5.5.7.3.4', 'emailProtection'],
  ['1.3.6.1.5.5.7.3.8', 'timeStamping'],
  ['1.3.6.1.5.5.7.3.9', 'OCSPSigning'],
])
