import { type Certificate, formatDistinguishedName, formatIpAddress } from '@holdfast/x509'
import { yaml } from '../deployment/yaml-text.ts'
import { thumbprintOf } from './thumbprint-of.ts'

/** One line of a client's registration that a certificate would satisfy. */
export interface RegistrationLine {
  readonly member:
    | 'tls_client_auth_subject_dn'
    | 'tls_client_auth_san_dns'
    | 'tls_client_auth_san_uri'
    | 'tls_client_auth_san_ip'
    | 'tls_client_auth_san_email'
    | 'certificate_thumbprints'
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
  if (certificate.subject.canonical === certificate.issuer.canonical) return [pinned]
  const purposes = certificate.extendedKeyUsage
  if (purposes !== undefined && !purposes.includes(clientAuth) && !purposes.includes(anyPurpose)) return []
  const names = certificate.subjectAltNames.flatMap((name): RegistrationLine[] => {
    switch (name.kind) {
      case 'dns':
        return name.name.includes('*') ? [] : [{ member: 'tls_client_auth_san_dns', value: name.name }]
      case 'uri':
        return [{ member: 'tls_client_auth_san_uri', value: name.uri }]
      case 'ip':
        return [{ member: 'tls_client_auth_san_ip', value: formatIpAddress(name.address) }]
      case 'email':
        return [{ member: 'tls_client_auth_san_email', value: name.email }]
      case 'directory':
      case 'other':
      case 'registered':
      case 'x400':
      case 'edi':
        return []
    }
  })
  const subject = formatDistinguishedName(certificate.subject)
  return [...names, ...(subject === '' ? [] : [{ member: 'tls_client_auth_subject_dn', value: subject } as const])]
}

/** The line as `holdfast.yaml` has it. */
export function registrationText({ member, value }: RegistrationLine): string {
  return yaml`${member}: ${value}`.text
}

const clientAuth = '1.3.6.1.5.5.7.3.2'
const anyPurpose = '2.5.29.37.0'
