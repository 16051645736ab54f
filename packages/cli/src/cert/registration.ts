import {
  type CertificateThumbprint,
  parseClientMetadata,
  type SubjectMember,
  subjectsOfCertificate,
} from '@holdfast/core'
import type { Certificate } from '@holdfast/x509'
import { yaml } from '../deployment/yaml-text.ts'
import { thumbprintOf } from './thumbprint-of.ts'

/** One line of a client's registration that a certificate would satisfy. */
export interface RegistrationLine {
  readonly member: SubjectMember | 'certificate_thumbprints'
  readonly value: string | readonly string[]
}

/**
 * Every way in which a client could be registered so that this certificate satisfies it; one of them is to be chosen.
 *
 * RFC 8705 §2.1.2 for certificates of a CA, a pinned thumbprint for one that signed itself (§2.2). None for a CA, and none
 * for a certificate whose extended key usage leaves clients out.
 */
export function registration(certificate: Certificate): readonly RegistrationLine[] {
  if (certificate.basicConstraints?.ca === true) return []
  const pinned = { member: 'certificate_thumbprints', value: [thumbprintOf(certificate.der)] } as const
  if (isSelfIssued(certificate)) return [pinned]
  return isForClients(certificate) ? registrableSubjects(certificate) : []
}

/** The names of a certificate that a client may be registered by: a name may stand in a certificate and be none of those. */
export function registrableSubjects(certificate: Certificate): ReturnType<typeof subjectsOfCertificate> {
  return subjectsOfCertificate(certificate).filter(({ member, value }) => {
    const record = { client_id: 'x', token_endpoint_auth_method: 'tls_client_auth', trust: 'x', [member]: value }
    const parsed = parseClientMetadata(record, {
      authenticationMethods: ['tls_client_auth'],
      grantTypes: [],
      trust: ['x'],
      unknownMembers: 'refuse',
      thumbprint: (der) => thumbprintOf(der) as CertificateThumbprint,
    })
    return parsed.ok || parsed.failure.every(({ path }) => path !== member)
  })
}

export function isSelfIssued(certificate: Certificate): boolean {
  return certificate.subject.canonical === certificate.issuer.canonical
}

/** RFC 5280 §4.2.1.12: without extended key usage it is for everything. */
export function isForClients({ extendedKeyUsage: purposes }: Certificate): boolean {
  return purposes === undefined || purposes.includes(clientAuth) || purposes.includes(anyPurpose)
}

/** The line as `holdfast.yaml` has it. */
export function registrationText({ member, value }: RegistrationLine): string {
  return yaml`${member}: ${value}`.text
}

const clientAuth = '1.3.6.1.5.5.7.3.2'
const anyPurpose = '2.5.29.37.0'
