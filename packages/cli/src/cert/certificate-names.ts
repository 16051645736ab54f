import { domainToASCII } from 'node:url'
import { encodeElement, parseDistinguishedName, parseIpAddress, parseSubjectAltName } from '@holdfast/x509'
import { type GeneralNameTemplate, type NameTemplate, nameTemplateOf } from '@holdfast/x509/issue'
import { CommandError } from '../command-error.ts'

/** Whom a certificate names, as the command line says it. */
export interface NameOptions {
  readonly dns?: readonly string[]
  readonly uri?: readonly string[]
  readonly ip?: readonly string[]
  readonly email?: readonly string[]
  /** RFC 4514. */
  readonly subject?: string
}

/** The same, ready for a template. `title` is the name by which files are called. */
export interface CertificateNames {
  readonly subject: NameTemplate
  readonly subjectAltNames: readonly GeneralNameTemplate[]
  readonly title: string
}

/** Checks names that were typed. Without a subject the first other name becomes its common name; without any name it is wrong use. */
export function certificateNames(options: NameOptions): CertificateNames {
  const { dns = [], uri: uris = [], ip = [], email: emails = [] } = options
  const subjectAltNames: GeneralNameTemplate[] = [
    ...dns.map((name) => ({ kind: 'dns', name: dnsName(name) }) as const),
    ...uris.map((uri) => ({ kind: 'uri', uri: absoluteUri(uri) }) as const),
    ...ip.map((address) => ({ kind: 'ip', address: ipAddress(address) }) as const),
    ...emails.map(emailAddress),
  ]
  const [first] = [...dns, ...uris, ...ip, ...emails]
  if (options.subject === undefined && first === undefined) {
    throw new CommandError('wrong_use', 'the certificate would name nobody', {
      hint: 'give at least one of --dns, --uri, --ip, --email and --subject',
    })
  }
  const subject = options.subject === undefined ? commonName(first ?? '') : parsedName(options.subject)
  return { subject, subjectAltNames, title: first ?? firstValue(options.subject ?? '') }
}

/** Reads a name in RFC 4514 text; wrong use says where it is wrong and what was probably meant. */
export function parsedName(text: string): NameTemplate {
  const name = parseDistinguishedName(text)
  if (name.ok) return nameTemplateOf(name.value)
  const { reason, position, hint, suggestion } = name.failure
  throw new CommandError(
    'wrong_use',
    `the subject ${text} is no RFC 4514 name: ${reason.replaceAll('_', ' ')} at position ${position + 1}`,
    { hint: suggestion === undefined ? hint : `did you mean ${suggestion}?` },
  )
}

/** Host names and addresses in one list, told apart. */
export function hostNames(hosts: readonly string[]): NameOptions {
  const isAddress = (host: string): boolean => parseIpAddress(host).ok
  return { dns: hosts.filter((host) => !isAddress(host)), ip: hosts.filter(isAddress) }
}

/** RFC 5280 appendix A.1, ub-common-name: 64 characters. */
function commonName(text: string): NameTemplate {
  return text.length > longestCommonName ? [] : [{ type: 'CN', value: text }]
}

function dnsName(text: string): string {
  const [wildcard, name] = text.startsWith('*.') ? ['*.', text.slice(2)] : ['', text]
  const ascii = domainToASCII(name)
  if (!dnsForm.test(ascii)) throw malformed('dns', text, 'a host name such as acme.example, or *.acme.example')
  return wildcard + ascii
}

function absoluteUri(text: string): string {
  if (!uriForm.test(text)) throw malformed('uri', text, 'an absolute URI such as spiffe://acme.example/billing')
  return text
}

function ipAddress(text: string): Uint8Array {
  const octets = parseIpAddress(text)
  if (!octets.ok) throw malformed('ip', text, 'an address such as 192.0.2.7 or 2001:db8::7')
  return octets.value
}

/** RFC 9598 §3: with an international local part an SmtpUTF8Mailbox, else an rfc822Name. */
function emailAddress(text: string): GeneralNameTemplate {
  const at = text.lastIndexOf('@')
  const email = text.slice(0, at + 1) + domainToASCII(text.slice(at + 1))
  const parsed = parseSubjectAltName('email', email)
  if (!parsed.ok) throw malformed('email', text, 'an address such as billing@acme.example')
  if (emailForm.test(email)) return { kind: 'email', email }
  return { kind: 'other', oid: smtpUtf8Mailbox, value: encodeElement(utf8String, Buffer.from(email)) }
}

function malformed(option: string, text: string, expected: string): CommandError {
  return new CommandError('wrong_use', `--${option} ${text} is not what it should be`, { hint: `it is ${expected}` })
}

/** `CN=acme,O=Acme` to `acme`. */
function firstValue(rfc4514: string): string {
  return /^[^=]*=([^,+]*)/.exec(rfc4514)?.[1] ?? 'certificate'
}

const dnsForm = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i
const uriForm = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/
const emailForm = /^[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9.-]+$/
const longestCommonName = 64
const smtpUtf8Mailbox = '1.3.6.1.5.5.7.8.9'
const utf8String = 0x0c
