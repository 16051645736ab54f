import type { Certificate } from '../certificate/certificate.ts'
import { isDnsName } from '../name-constraint/dns-name-constraint.ts'
import { distinguishedNameMatch } from '../name/distinguished-name-match.ts'
import type { ProfileRule } from './path-failure.ts'

/** `interop` forgives formal flaws that issuers really ship; what their extensions say is enforced all the same. */
export type CertificateProfile = 'interop' | 'strict'

/** The first rule of RFC 5280 §4 that the form of a certificate breaks, or undefined. `position` is its place in the path. */
export function certificateProfile(
  certificate: Certificate,
  position: PathPosition,
  profile: CertificateProfile,
): ProfileRule | undefined {
  return (
    alwaysBroken(certificate, position) ?? (profile === 'strict' ? strictlyBroken(certificate, position) : undefined)
  )
}

/** Where in a path a certificate stands. Only an anchor may be self-signed. */
export type PathPosition = 'anchor' | 'self_signed_anchor' | 'intermediate' | 'leaf'

function alwaysBroken(certificate: Certificate, position: PathPosition): ProfileRule | undefined {
  if (certificate.issuer.rdns.length === 0) return 'issuer_empty'
  if (position !== 'leaf' && certificate.subject.rdns.length === 0) return 'ca_subject_empty'
  if (certificate.notBefore > certificate.notAfter) return 'validity_reversed'
  if (isCritical(certificate, SUBJECT_KEY_IDENTIFIER)) return 'key_identifier_critical'
  if (certificate.subject.rdns.length === 0 && certificate.subjectAltNames.length === 0)
    return 'subject_alt_name_missing'
  return undefined
}

function strictlyBroken(certificate: Certificate, position: PathPosition): ProfileRule | undefined {
  const isCa = certificate.basicConstraints?.ca === true
  const authority = certificate.authorityKeyIdentifier
  if (certificate.basicConstraints?.pathLength !== undefined && !isCa) return 'path_length_without_ca'
  if ((authority?.issuer === undefined) !== (authority?.serialNumber === undefined))
    return 'authority_key_identifier_incomplete'
  if (isCritical(certificate, AUTHORITY_KEY_IDENTIFIER)) return 'authority_key_identifier_critical'
  if (authority?.keyIdentifier === undefined && position !== 'self_signed_anchor')
    return 'authority_key_identifier_missing'
  if (position !== 'leaf' && certificate.subjectKeyIdentifier === undefined) return 'subject_key_identifier_missing'
  if (isNotCritical(certificate, BASIC_CONSTRAINTS) && isCa) return 'basic_constraints_not_critical'
  if (isNotCritical(certificate, NAME_CONSTRAINTS)) return 'name_constraints_not_critical'
  if (isNotCritical(certificate, POLICY_CONSTRAINTS)) return 'policy_constraints_not_critical'
  if (isNotCritical(certificate, INHIBIT_ANY_POLICY)) return 'inhibit_any_policy_not_critical'
  if (isCritical(certificate, AUTHORITY_INFORMATION_ACCESS)) return 'authority_information_access_critical'
  if (certificate.subject.rdns.length === 0 && isNotCritical(certificate, SUBJECT_ALT_NAME)) {
    return 'subject_alt_name_not_critical'
  }
  for (const name of certificate.subjectAltNames) {
    if (name.kind === 'dns' && (name.name.includes('_') || !isDnsName(name.name))) return 'dns_name_malformed'
  }
  const serial = certificate.serialNumber
  if (serial.length > 20 || serial[0]! >= 0x80 || (serial.length === 1 && serial[0] === 0))
    return 'serial_number_out_of_range'
  if (!isCa && certificate.keyUsage?.includes('keyCertSign') === true) return 'key_cert_sign_without_ca'
  return undefined
}

/** Issuer and subject of one name. Whether the key signed itself shows only in the signature. RFC 5280 §3.2. */
export function isSelfIssued(certificate: Certificate): boolean {
  return distinguishedNameMatch(certificate.issuer, certificate.subject)
}

function isCritical(certificate: Certificate, oid: string): boolean {
  return certificate.extensions.some((extension) => extension.oid === oid && extension.critical)
}

function isNotCritical(certificate: Certificate, oid: string): boolean {
  return certificate.extensions.some((extension) => extension.oid === oid && !extension.critical)
}

const AUTHORITY_INFORMATION_ACCESS = '1.3.6.1.5.5.7.1.1'
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14'
const SUBJECT_ALT_NAME = '2.5.29.17'
const BASIC_CONSTRAINTS = '2.5.29.19'
const NAME_CONSTRAINTS = '2.5.29.30'
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35'
const POLICY_CONSTRAINTS = '2.5.29.36'
const INHIBIT_ANY_POLICY = '2.5.29.54'
