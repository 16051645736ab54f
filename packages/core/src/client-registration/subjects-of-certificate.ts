import {
  type Certificate,
  formatIpAddress,
  type GeneralName,
  ORGANIZATION_IDENTIFIER,
  registeredTextOf,
  smtpUtf8Mailbox,
  subjectAttributes,
  x509Svid,
} from '@holdfast/x509'
import type { SubjectMember } from './tls-client-auth-subject.ts'

/** One member of a client's registration that a certificate satisfies. */
export interface SubjectOfCertificate {
  readonly member: SubjectMember
  readonly value: string
}

/**
 * Every subject by which a client could be registered so that this certificate names it; one of them is to be chosen.
 *
 * RFC 8705 §2.1.2. The values are those of the certificate; whether each may be registered is decided where it is read.
 */
export function subjectsOfCertificate(certificate: Certificate): readonly SubjectOfCertificate[] {
  const svid = x509Svid(certificate)
  const names = certificate.subjectAltNames.map(alternativeName).filter((name) => name !== undefined)
  const organizations = subjectAttributes(certificate, ORGANIZATION_IDENTIFIER)
  const organization = organizations.length === 1 ? organizations[0]?.text : undefined
  const subject = registeredTextOf(certificate)
  return [
    ...(svid.ok ? [{ member: 'spiffe_id', value: svid.value.text } as const] : []),
    ...names,
    ...(organization === undefined
      ? []
      : [{ member: 'certificate_organization_identifier', value: organization } as const]),
    ...(subject === undefined ? [] : [{ member: 'tls_client_auth_subject_dn', value: subject } as const]),
  ]
}

function alternativeName(name: GeneralName): SubjectOfCertificate | undefined {
  switch (name.kind) {
    case 'dns':
      return name.name.includes('*') ? undefined : { member: 'tls_client_auth_san_dns', value: name.name }
    case 'uri':
      return { member: 'tls_client_auth_san_uri', value: name.uri }
    case 'ip':
      return { member: 'tls_client_auth_san_ip', value: formatIpAddress(name.address) }
    case 'email':
      return { member: 'tls_client_auth_san_email', value: name.email }
    case 'other': {
      const mailbox = smtpUtf8Mailbox(name)
      return mailbox === undefined ? undefined : { member: 'tls_client_auth_san_email', value: mailbox }
    }
    case 'directory':
    case 'registered':
    case 'x400':
    case 'edi':
      return undefined
  }
}
