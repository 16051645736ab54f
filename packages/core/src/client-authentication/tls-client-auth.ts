import {
  type Certificate,
  distinguishedNameMatch,
  fail,
  formatDistinguishedName,
  formatIpAddress,
  type GeneralName,
  ok,
  ORGANIZATION_IDENTIFIER,
  type Result,
  smtpUtf8Mailbox,
  spiffeIdMatch,
  subjectAttributes,
} from '@holdfast/x509'
import type { TrustedCertificate } from '../client-certificate/trusted-certificate.ts'
import type { ExpectedSubject, Psd2Policy, RegisteredClient } from '../client-registration/registered-client.ts'
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
  const { subject, trust, psd2 } = client.authentication
  const { certificate } = evidence
  if (certificate.trust !== trust) throw new Error("trusted by a profile that is not the client's")
  const refused = subjectFailure(certificate, subject) ?? authorityFailure(certificate, psd2?.authorities)
  return refused === undefined
    ? ok(authenticatedClient(client, certificate.thumbprint, certificate.path, certificate.identity))
    : fail(refused)
}

/** X509-SVID §2, §4, §5: a SPIFFE ID counts only in a certificate that is an SVID as a whole. */
function subjectFailure(
  { certificate, thumbprint, trust, identity }: TrustedCertificate,
  subject: ExpectedSubject,
): CertificateFailure | undefined {
  if (subject.kind === 'spiffe_id' && !identity.svid.ok) {
    return { reason: 'certificate_not_svid', thumbprint, trust, problem: identity.svid.failure }
  }
  if (isNamed(certificate, identity, subject)) return undefined
  return {
    reason: 'certificate_subject_mismatch',
    expected: { kind: subject.kind, value: expectedSubjectText(subject) },
    presented: presentedSubjects(certificate, subject.kind),
  }
}

function isNamed(
  certificate: Certificate,
  { alternativeNames, organization, svid }: TrustedCertificate['identity'],
  subject: ExpectedSubject,
): boolean {
  switch (subject.kind) {
    case 'subject_dn':
      return distinguishedNameMatch(certificate.subject, subject.name)
    case 'san_dns':
    case 'san_uri':
    case 'san_ip':
    case 'san_email':
      return alternativeNames.has(subject.comparable)
    case 'organization_identifier':
      return organization === subject.comparable
    case 'spiffe_id':
      return svid.ok && spiffeIdMatch(svid.value, subject.id)
  }
}

/** ETSI TS 119 495 §5.1: who authorized the payment service provider. */
function authorityFailure(
  { thumbprint, identity: { psd2 } }: TrustedCertificate,
  accepted: Psd2Policy['authorities'],
): CertificateFailure | undefined {
  if (accepted === undefined || (psd2.ok && accepted.includes(psd2.value.competentAuthorityId))) return undefined
  return {
    reason: 'psd2_authority_not_accepted',
    thumbprint,
    accepted: accepted.slice(0, maximumShown),
    ...(psd2.ok ? { presented: psd2.value.competentAuthorityId } : { problem: psd2.failure.reason }),
  }
}

/** The registered subject as a person writes it. */
export function expectedSubjectText(subject: ExpectedSubject): string {
  return subject.kind === 'subject_dn' ? formatDistinguishedName(subject.name) : subject.text
}

/** What the certificate has of the wanted kind, for the explanation of a mismatch. */
function presentedSubjects(certificate: Certificate, kind: ExpectedSubject['kind']): readonly string[] {
  if (kind === 'subject_dn') return [formatDistinguishedName(certificate.subject)]
  if (kind === 'organization_identifier') {
    return subjectAttributes(certificate, ORGANIZATION_IDENTIFIER)
      .map(({ text }) => text ?? 'not a string')
      .slice(0, maximumShown)
  }
  return certificate.subjectAltNames
    .map((name) => subjectAltNameText(name, kind))
    .filter((text) => text !== undefined)
    .slice(0, maximumShown)
}

function subjectAltNameText(name: GeneralName, kind: ExpectedSubject['kind']): string | undefined {
  if (kind === 'san_dns' && name.kind === 'dns') return name.name
  if ((kind === 'san_uri' || kind === 'spiffe_id') && name.kind === 'uri') return name.uri
  if (kind === 'san_ip' && name.kind === 'ip') return formatIpAddress(name.address)
  if (kind === 'san_email' && name.kind === 'email') return name.email
  if (kind === 'san_email') return smtpUtf8Mailbox(name)
  return undefined
}

/** Facts of a refusal go into every log record; a certificate may have thousands of names. */
const maximumShown = 10
