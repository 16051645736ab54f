import {
  comparableSubjectAltName,
  parseDistinguishedName,
  parseExpectedSpiffeId,
  parseSubjectAltName,
  prepareString,
  type SpiffeIdFailure,
  type SubjectAltNameFailure,
} from '@holdfast/x509'
import type { MetadataProblems } from './metadata-problem.ts'
import type { ExpectedSubject, SubjectAltNameKind } from './registered-client.ts'

/**
 * Reads the one subject that a `tls_client_auth` client's certificate must have.
 *
 * RFC 8705 §2.1.2: exactly one of five members, to which we add two. A name is parsed here, so that only structures are
 * compared later.
 */
export function tlsClientAuthSubject(
  metadata: ReadonlyMap<string, unknown>,
  problems: MetadataProblems,
): ExpectedSubject | undefined {
  const present = tlsClientAuthSubjectMembers.filter((member) => metadata.has(member))
  const [member, second] = present
  if (member === undefined) {
    return problems.add(
      '',
      'tls_client_auth needs the subject of the certificate',
      `one of ${tlsClientAuthSubjectMembers.join(', ')}`,
    )
  }
  if (second !== undefined) {
    return problems.add(
      second,
      `exactly one subject may be registered, and ${member} is there`,
      `leave out one of ${present.join(', ')}`,
    )
  }
  const value = metadata.get(member)
  if (typeof value !== 'string') return problems.add(member, 'not a string')
  return parsers[member](value, member, problems)
}

/** The members of which a client has exactly one: those of RFC 8705 §2.1.2, and ours. */
export const tlsClientAuthSubjectMembers = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
  'certificate_organization_identifier',
  'spiffe_id',
] as const

export type SubjectMember = (typeof tlsClientAuthSubjectMembers)[number]

const parsers: {
  readonly [Member in SubjectMember]: (
    value: string,
    path: string,
    problems: MetadataProblems,
  ) => ExpectedSubject | undefined
} = {
  tls_client_auth_subject_dn: subjectDn,
  tls_client_auth_san_dns: subjectAltName('san_dns'),
  tls_client_auth_san_uri: subjectAltName('san_uri'),
  tls_client_auth_san_ip: subjectAltName('san_ip'),
  tls_client_auth_san_email: subjectAltName('san_email'),
  certificate_organization_identifier: organizationIdentifier,
  spiffe_id: spiffeId,
}

function subjectDn(text: string, path: string, problems: MetadataProblems): ExpectedSubject | undefined {
  const name = parseDistinguishedName(text)
  if (!name.ok) {
    const { reason, position, hint, suggestion } = name.failure
    const problem = `not a name in RFC 4514 form: ${reason.replaceAll('_', ' ')} at character ${position + 1}`
    return problems.add(
      path,
      problem,
      suggestion === undefined ? hint : `${hint}; did you mean ${JSON.stringify(suggestion)}?`,
    )
  }
  if (name.value.rdns.length === 0)
    return problems.add(path, 'the empty name', 'as `holdfast cert registration` prints it')
  return { kind: 'subject_dn', name: name.value, text }
}

function subjectAltName(kind: SubjectAltNameKind): (typeof parsers)[SubjectMember] {
  return (text, path, problems) => {
    const name = parseSubjectAltName(kinds[kind], text)
    if (!name.ok) return problems.add(path, wrongNames[name.failure.reason], name.failure.hint)
    return { kind, text, comparable: comparableSubjectAltName(name.value)! }
  }
}

const kinds = { san_dns: 'dns', san_uri: 'uri', san_ip: 'ip', san_email: 'email' } as const

const wrongNames: { readonly [Reason in SubjectAltNameFailure['reason']]: string } = {
  dns_name_malformed: 'not a DNS name',
  dns_name_not_ascii: 'not a DNS name',
  dns_name_trailing_dot: 'not a DNS name',
  dns_name_wildcard: 'a wildcard',
  dns_name_is_address: 'an IP address',
  uri_not_ascii: 'not an absolute URI',
  uri_malformed: 'not an absolute URI',
  ip_address_malformed: 'not an IP address',
  email_malformed: 'not an e-mail address',
  email_not_ascii: 'not an e-mail address',
  value_too_long: 'too long',
}

/** ETSI EN 319 412-1 §5.1.4 gives it a form; other federations write their own, so any is taken. */
function organizationIdentifier(text: string, path: string, problems: MetadataProblems): ExpectedSubject | undefined {
  const comparable = prepareString(text)
  if (comparable === undefined || comparable.trim() === '' || text.length > maximumOrganization) {
    return problems.add(path, 'not an organization identifier', 'such as PSDGB-FCA-123456 or VATDE-123456789')
  }
  return { kind: 'organization_identifier', text, comparable }
}

/** draft-ietf-oauth-spiffe-client-auth: exact, or with `/*` at the end everything below. */
function spiffeId(text: string, path: string, problems: MetadataProblems): ExpectedSubject | undefined {
  const id = parseExpectedSpiffeId(text)
  return id.ok
    ? { kind: 'spiffe_id', text, id: id.value }
    : problems.add(path, 'not a SPIFFE ID', spiffeHints[id.failure.reason])
}

const spiffeHints: { readonly [Reason in SpiffeIdFailure['reason']]: string } = {
  spiffe_id_too_long: 'at most 2048 characters',
  spiffe_scheme_missing: 'it begins with spiffe://',
  spiffe_trust_domain_malformed:
    'a trust domain has lower-case letters, digits, dots, dashes and underscores; no port, no user',
  spiffe_path_malformed:
    'behind the trust domain come segments of letters, digits, dots, dashes and underscores; /* stands only at the end, for everything below',
}

/** Longer than any register's number. */
const maximumOrganization = 256
