import { parseDistinguishedName, parseIpAddress } from '@holdfast/x509'
import type { MetadataProblems } from './metadata-problem.ts'
import type { ExpectedSubject } from './registered-client.ts'

/**
 * Reads the one subject that a `tls_client_auth` client's certificate must have.
 *
 * RFC 8705 §2.1.2: exactly one of five members. A name is parsed here, so that only structures are compared later.
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

/** The five members, of which a client has exactly one. RFC 8705 §2.1.2. */
export const tlsClientAuthSubjectMembers = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const

type SubjectMember = (typeof tlsClientAuthSubjectMembers)[number]

const parsers: {
  readonly [Member in SubjectMember]: (
    value: string,
    path: string,
    problems: MetadataProblems,
  ) => ExpectedSubject | undefined
} = {
  tls_client_auth_subject_dn: subjectDn,
  tls_client_auth_san_dns: sanDns,
  tls_client_auth_san_uri: sanUri,
  tls_client_auth_san_ip: sanIp,
  tls_client_auth_san_email: sanEmail,
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
    return problems.add(path, 'the empty name', 'as `holdfast cert show` prints the subject')
  return { kind: 'subject_dn', name: name.value, text }
}

function sanDns(text: string, path: string, problems: MetadataProblems): ExpectedSubject | undefined {
  if (text.includes('*')) {
    return problems.add(path, 'a wildcard', 'name one host: a client certificate stands for one client')
  }
  if (!isHostName(text)) {
    return problems.add(
      path,
      'not a DNS name',
      'letters, digits and hyphens between dots; international names as xn--…',
    )
  }
  if (parseIpAddress(text).ok) return problems.add(path, 'an IP address', 'use tls_client_auth_san_ip')
  return { kind: 'san_dns', name: text.toLowerCase() }
}

function sanUri(text: string, path: string, problems: MetadataProblems): ExpectedSubject | undefined {
  if (!absoluteUri.test(text) || text.length > maximumUri) {
    return problems.add(
      path,
      'not an absolute URI',
      'such as spiffe://example.org/payments; it must equal the one in the certificate exactly',
    )
  }
  return { kind: 'san_uri', uri: text }
}

function sanIp(text: string, path: string, problems: MetadataProblems): ExpectedSubject | undefined {
  const address = parseIpAddress(text)
  if (!address.ok)
    return problems.add(path, 'not an IP address', 'such as 192.0.2.7 or 2001:db8::7, without port, zone or prefix')
  return { kind: 'san_ip', address: address.value, text }
}

function sanEmail(text: string, path: string, problems: MetadataProblems): ExpectedSubject | undefined {
  const at = text.lastIndexOf('@')
  const domain = text.slice(at + 1)
  if (at < 1 || !localPart.test(text.slice(0, at)) || at > maximumLocalPart || !isHostName(domain)) {
    return problems.add(path, 'not an e-mail address', 'such as ops@client.example')
  }
  return { kind: 'san_email', address: canonicalEmail(text) }
}

/** The form in which e-mail addresses are compared: the host without regard to case, the rest exactly. RFC 5280 §7.5. */
export function canonicalEmail(address: string): string {
  const at = address.lastIndexOf('@')
  return address.slice(0, at) + address.slice(at).toLowerCase()
}

function isHostName(text: string): boolean {
  return text.length <= maximumHostName && text.split('.').every((label) => hostLabel.test(label))
}

const hostLabel = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}$/
const localPart = /^[\x21-\x3f\x41-\x7e]+$/
const absoluteUri = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/

/** RFC 1035 §2.3.4. */
const maximumHostName = 253
/** RFC 5321 §4.5.3.1.1. */
const maximumLocalPart = 64
/** A SPIFFE ID has at most this. */
const maximumUri = 2_048
