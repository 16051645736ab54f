import type { Certificate } from '../certificate/certificate.ts'
import { sameOctets } from '../certificate/parse-certificate.ts'
import { fail, ok, type Result } from '../result.ts'
import { isDnsName } from '../name-constraint/dns-name-constraint.ts'
import { parseIpAddress } from '../name/ip-address.ts'

/** A subject alternative name that a client registered. RFC 8705 §2.1.2. */
export type ExpectedSubjectAltName =
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'uri'; readonly uri: string }
  | { readonly kind: 'ip'; readonly address: Uint8Array }
  | { readonly kind: 'email'; readonly email: string }

/** Why a text cannot be registered as a subject alternative name. */
export interface SubjectAltNameFailure {
  readonly reason:
    | 'dns_name_malformed'
    | 'dns_name_not_ascii'
    | 'dns_name_trailing_dot'
    | 'dns_name_wildcard'
    | 'dns_name_is_address'
    | 'uri_not_ascii'
    | 'uri_malformed'
    | 'ip_address_malformed'
    | 'email_malformed'
    | 'email_not_ascii'
    | 'value_too_long'
  readonly text: string
  readonly hint: string
}

/**
 * Tells whether the leaf carries the expected name among its subject alternative names, and nowhere else.
 *
 * dns: octets without case, no wildcard either way. uri: exact octets. ip: octets of one family. email: local part exact,
 * host without case, rfc822Name only. RFC 8705 §2.1.2, RFC 5280 §4.2.1.6.
 */
export function isSubjectAltName(leaf: Certificate, expected: ExpectedSubjectAltName): boolean {
  return leaf.subjectAltNames.some((name) => {
    switch (expected.kind) {
      case 'dns':
        return (
          name.kind === 'dns' &&
          isDnsName(name.name) &&
          !name.name.startsWith('*') &&
          asciiFold(name.name) === asciiFold(expected.name)
        )
      case 'uri':
        return name.kind === 'uri' && name.uri === expected.uri
      case 'ip':
        return name.kind === 'ip' && sameOctets(name.address, expected.address)
      case 'email':
        return name.kind === 'email' && sameMailbox(name.email, expected.email)
    }
  })
}

/** Reads the text of `tls_client_auth_san_dns`, `_uri`, `_ip` or `_email` as it is registered. RFC 8705 §2.1.2. */
export function parseSubjectAltName(
  kind: ExpectedSubjectAltName['kind'],
  text: string,
): Result<ExpectedSubjectAltName, SubjectAltNameFailure> {
  if (text.length > MAXIMUM_TEXT) return refuse('value_too_long', text, `at most ${MAXIMUM_TEXT} characters`)
  switch (kind) {
    case 'dns':
      return dns(text)
    case 'uri':
      return uri(text)
    case 'ip': {
      const address = parseIpAddress(text)
      if (!address.ok)
        return refuse('ip_address_malformed', text, 'dotted decimal IPv4 or colon-separated IPv6, no prefix length')
      return ok({ kind: 'ip', address: address.value })
    }
    case 'email':
      return email(text)
  }
}

function dns(text: string): Result<ExpectedSubjectAltName, SubjectAltNameFailure> {
  if (!isAscii(text)) return refuse('dns_name_not_ascii', text, 'write international labels as A-labels: xn--…')
  if (text.includes('*')) return refuse('dns_name_wildcard', text, 'a client is one host: wildcards never match')
  if (text.endsWith('.')) return refuse('dns_name_trailing_dot', text, 'leave out the dot at the end')
  if (/^[\d.]+$/.test(text)) return refuse('dns_name_is_address', text, 'register an address as tls_client_auth_san_ip')
  if (!isDnsName(text))
    return refuse('dns_name_malformed', text, 'labels of letters, digits and hyphens, separated by dots')
  return ok({ kind: 'dns', name: text })
}

/** Nothing is normalised: RFC 8705 names no rule, so what is registered must be what the certificate says. */
function uri(text: string): Result<ExpectedSubjectAltName, SubjectAltNameFailure> {
  if (!isAscii(text))
    return refuse('uri_not_ascii', text, 'percent-encode what is not ASCII, just as the certificate does')
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/.test(text))
    return refuse('uri_malformed', text, 'a URI with its scheme, without blanks')
  return ok({ kind: 'uri', uri: text })
}

function email(text: string): Result<ExpectedSubjectAltName, SubjectAltNameFailure> {
  if (!isAscii(text)) return refuse('email_not_ascii', text, 'an rfc822Name is ASCII: write the host as A-labels')
  const at = text.lastIndexOf('@')
  const host = text.slice(at + 1)
  const malformed =
    at < 1 ||
    !/^[\x21-\x7e]+$/.test(text) ||
    text.slice(0, at).includes('@') ||
    host.startsWith('*') ||
    !isDnsName(host)
  return malformed ? refuse('email_malformed', text, 'local-part@host') : ok({ kind: 'email', email: text })
}

function sameMailbox(one: string, other: string): boolean {
  const at = one.lastIndexOf('@')
  const atOther = other.lastIndexOf('@')
  if (at < 1 || atOther < 1 || one.slice(0, at) !== other.slice(0, atOther)) return false
  return asciiFold(one.slice(at)) === asciiFold(other.slice(atOther))
}

function refuse(
  reason: SubjectAltNameFailure['reason'],
  text: string,
  hint: string,
): Result<never, SubjectAltNameFailure> {
  return fail({ reason, text: text.slice(0, 256), hint })
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text)
}

/** Names here are ASCII; anything else is left as it is. */
function asciiFold(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** A URI in a certificate may be long; none in use comes near this. */
const MAXIMUM_TEXT = 2_048
