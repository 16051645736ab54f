import type { Certificate } from '../certificate/certificate.ts'
import { fail, ok, type Result } from '../result.ts'
import { isDnsName } from '../name-constraint/dns-name-constraint.ts'
import type { GeneralName } from '../name/general-name.ts'
import { parseIpAddress } from '../name/ip-address.ts'
import { isSmtpUtf8Mailbox, smtpUtf8Mailbox } from '../name/smtp-utf8-mailbox.ts'

/** A subject alternative name that a client registered. RFC 8705 §2.1.2. */
export type ExpectedSubjectAltName =
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'uri'; readonly uri: string }
  | { readonly kind: 'ip'; readonly address: Uint8Array }
  /** With an ASCII local part an rfc822Name, else an SmtpUTF8Mailbox. RFC 9598 §3. */
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
 * RFC 8705 §2.1.2, RFC 5280 §4.2.1.6. Who asks more than once keeps {@link comparableSubjectAltNames} of the leaf.
 */
export function isSubjectAltName(leaf: Certificate, expected: ExpectedSubjectAltName): boolean {
  const wanted = comparableSubjectAltName(expected)
  return wanted !== undefined && leaf.subjectAltNames.some((name) => comparableSubjectAltName(name) === wanted)
}

/** All alternative names of a leaf that a client can be registered by, in the form in which they are compared. */
export function comparableSubjectAltNames(leaf: Certificate): ReadonlySet<string> {
  return new Set(leaf.subjectAltNames.map(comparableSubjectAltName).filter((name) => name !== undefined))
}

/**
 * A name in the form in which it is compared: two are the same exactly when their texts are; undefined for a name by which no
 * client can be registered.
 *
 * dns: octets without case, no wildcard. uri: exact octets. ip: octets of one family. email: local part exact, host without
 * case; rfc822Name, or SmtpUTF8Mailbox where the local part is not ASCII (RFC 9598 §5).
 */
export function comparableSubjectAltName(name: GeneralName): string | undefined {
  switch (name.kind) {
    case 'dns':
      return isDnsName(name.name) && !name.name.startsWith('*') ? `dns:${asciiFold(name.name)}` : undefined
    case 'uri':
      return `uri:${name.uri}`
    case 'ip':
      return `ip:${name.address.join('.')}`
    case 'email':
      return comparableMailbox(name.email)
    case 'other': {
      const mailbox = smtpUtf8Mailbox(name)
      return mailbox === undefined ? undefined : comparableMailbox(mailbox)
    }
    case 'directory':
    case 'registered':
    case 'x400':
    case 'edi':
      return undefined
  }
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
  const at = text.lastIndexOf('@')
  const local = text.slice(0, Math.max(at, 0))
  const host = text.slice(at + 1)
  if (at > 0 && !isAscii(host)) return refuse('email_not_ascii', text, 'write the host as A-labels: xn--…')
  if (at > 0 && !isAscii(local)) {
    return isSmtpUtf8Mailbox(text)
      ? ok({ kind: 'email', email: text })
      : refuse('email_malformed', text, 'local-part@host, without blanks')
  }
  const malformed =
    at < 1 ||
    at > MAXIMUM_LOCAL_PART ||
    !/^[\x21-\x7e]+$/.test(text) ||
    local.includes('@') ||
    host.startsWith('*') ||
    !isDnsName(host)
  return malformed ? refuse('email_malformed', text, 'local-part@host') : ok({ kind: 'email', email: text })
}

function comparableMailbox(email: string): string | undefined {
  const at = email.lastIndexOf('@')
  return at < 1 ? undefined : `email:${email.slice(0, at)}${asciiFold(email.slice(at))}`
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
/** RFC 5321 §4.5.3.1.1. */
const MAXIMUM_LOCAL_PART = 64
