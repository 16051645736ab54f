import {
  type Certificate,
  distinguishedNameMatch,
  fail,
  formatDistinguishedName,
  formatIpAddress,
  type GeneralName,
  ok,
  type Result,
} from '@holdfast/x509'
import type { TrustedCertificate } from '../client-certificate/trusted-certificate.ts'
import type { ExpectedSubject, RegisteredClient } from '../client-registration/registered-client.ts'
import { canonicalEmail } from '../client-registration/tls-client-auth-subject.ts'
import type { CertificateFailure } from '../protocol-error/failure.ts'
import { type AuthenticatedClient, authenticatedClient } from './authenticated-client.ts'

/**
 * Accepts the client when its certificate names the subject that was registered for it.
 *
 * RFC 8705 §2.1. The chain is already trusted, by the profile of this client: see trusted-certificate.ts. Only the leaf's
 * names count, compared as structures. Stricter than common practice: a wildcard in a client certificate never matches,
 * a common name never stands in for a DNS name, and a URI must be equal character by character.
 */
export function tlsClientAuth(
  client: RegisteredClient<'tls_client_auth'>,
  evidence: { readonly certificate: TrustedCertificate },
): Result<AuthenticatedClient, CertificateFailure> {
  const { subject, trust } = client.authentication
  const { certificate, thumbprint, path } = evidence.certificate
  if (evidence.certificate.trust !== trust) throw new Error("trusted by a profile that is not the client's")
  return matches[subject.kind](certificate, subject as never)
    ? ok(authenticatedClient(client, thumbprint, path))
    : fail({
        reason: 'certificate_subject_mismatch',
        expected: { kind: subject.kind, value: expectedSubjectText(subject) },
        presented: presentedSubjects(certificate, subject.kind),
      })
}

const matches: {
  readonly [Kind in ExpectedSubject['kind']]: (
    certificate: Certificate,
    expected: Extract<ExpectedSubject, { readonly kind: Kind }>,
  ) => boolean
} = {
  subject_dn: (certificate, expected) => distinguishedNameMatch(certificate.subject, expected.name),
  san_dns: (certificate, expected) =>
    certificate.subjectAltNames.some((name) => name.kind === 'dns' && name.name.toLowerCase() === expected.name),
  san_uri: (certificate, expected) =>
    certificate.subjectAltNames.some((name) => name.kind === 'uri' && name.uri === expected.uri),
  san_ip: (certificate, expected) =>
    certificate.subjectAltNames.some((name) => name.kind === 'ip' && sameOctets(name.address, expected.address)),
  san_email: (certificate, expected) =>
    certificate.subjectAltNames.some(
      (name) => name.kind === 'email' && canonicalEmail(name.email) === expected.address,
    ),
}

function sameOctets(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, index) => octet === other[index])
}

/** The registered subject as a person writes it. */
export function expectedSubjectText(subject: ExpectedSubject): string {
  switch (subject.kind) {
    case 'subject_dn':
      return formatDistinguishedName(subject.name)
    case 'san_dns':
      return subject.name
    case 'san_uri':
      return subject.uri
    case 'san_ip':
      return formatIpAddress(subject.address)
    case 'san_email':
      return subject.address
  }
}

/** What the certificate has of the wanted kind, for the explanation of a mismatch. */
function presentedSubjects(certificate: Certificate, kind: ExpectedSubject['kind']): readonly string[] {
  if (kind === 'subject_dn') return [formatDistinguishedName(certificate.subject)]
  return certificate.subjectAltNames
    .map((name) => subjectAltNameText(name, kind))
    .filter((text) => text !== undefined)
    .slice(0, maximumShown)
}

function subjectAltNameText(name: GeneralName, kind: ExpectedSubject['kind']): string | undefined {
  if (kind === 'san_dns' && name.kind === 'dns') return name.name
  if (kind === 'san_uri' && name.kind === 'uri') return name.uri
  if (kind === 'san_ip' && name.kind === 'ip') return formatIpAddress(name.address)
  if (kind === 'san_email' && name.kind === 'email') return name.email
  return undefined
}

/** Facts of a refusal go into every log record; a certificate may have thousands of names. */
const maximumShown = 10
