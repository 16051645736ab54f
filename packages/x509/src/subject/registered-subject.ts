import type { Certificate } from '../certificate/certificate.ts'
import { attributeNamesByType } from '../name/attribute-types.ts'
import type { DistinguishedName } from '../name/distinguished-name.ts'
import { distinguishedNameMatch } from '../name/distinguished-name-match.ts'
import { formatDistinguishedName, formatRdns } from '../name/format-distinguished-name.ts'
import { type NameSyntaxFailure, parseDistinguishedName } from '../name/parse-distinguished-name.ts'
import { prepareString } from '../name/prepare-string.ts'
import { fail, ok, type Result } from '../result.ts'

/** A name as it was registered, and how it is read: shown to whoever registers it. */
export interface RegisteredSubject {
  readonly text: string
  readonly name: DistinguishedName
  /** The RDNs in the order of a certificate, each with its attributes. */
  readonly reading: readonly (readonly ReadAttribute[])[]
  /** The name as this package writes it. RFC 4514. */
  readonly written: string
  readonly warnings: readonly SubjectWarning[]
}

export interface ReadAttribute {
  /** Dotted identifier. */
  readonly type: string
  /** The type's short name, or the identifier again. */
  readonly label: string
  /** The value as text, or `#` and hex digits when it is no string. */
  readonly value: string
}

export type SubjectWarning =
  /** The certificate at hand matches when the text is turned round. */
  | { readonly reason: 'order_reversed'; readonly suggestion: string }
  /** Without a certificate: the text begins with a country or a domain and ends with a person or a host. */
  | { readonly reason: 'order_looks_reversed'; readonly suggestion: string }
  /** The certificate at hand has another subject. */
  | { readonly reason: 'subject_differs'; readonly presented: string; readonly suggestion: string }

export type RegisteredSubjectFailure =
  NameSyntaxFailure | { readonly reason: 'name_empty'; readonly position: 0; readonly hint: string }

/**
 * Reads `tls_client_auth_subject_dn` at registration: how the server understands it, and what probably is wrong with it.
 *
 * RFC 8705 §2.1.2, RFC 4514. With the client's certificate at hand the advice is certain; without, it is a guess.
 */
export function readRegisteredSubject(
  text: string,
  certificate?: Certificate,
): Result<RegisteredSubject, RegisteredSubjectFailure> {
  if (text.trim() === '')
    return fail({ reason: 'name_empty', position: 0, hint: 'the empty name matches no certificate' })
  const parsed = parseDistinguishedName(text)
  if (!parsed.ok) return parsed
  const name = parsed.value
  const reading = name.rdns.map((rdn) =>
    rdn.map(({ type, text: value, der }) => ({
      type,
      label: attributeNamesByType.get(type) ?? type,
      value: value ?? `#${[...der].map((octet) => octet.toString(16).padStart(2, '0')).join('')}`,
    })),
  )
  return ok({ text, name, reading, written: formatDistinguishedName(name), warnings: warningsOf(name, certificate) })
}

/** The text to register for the subject of a certificate; undefined when its subject is empty. */
export function registeredTextOf(certificate: Certificate): string | undefined {
  return certificate.subject.rdns.length === 0 ? undefined : formatDistinguishedName(certificate.subject)
}

function warningsOf(name: DistinguishedName, certificate: Certificate | undefined): readonly SubjectWarning[] {
  const turned = formatRdns(name.rdns.toReversed())
  if (certificate === undefined) {
    const looksReversed =
      name.rdns.length > 1 &&
      MOST_PARTICULAR.has(name.rdns[0]![0]!.type) &&
      MOST_GENERAL.has(name.rdns.at(-1)![0]!.type)
    return looksReversed ? [{ reason: 'order_looks_reversed', suggestion: turned }] : []
  }
  if (distinguishedNameMatch(name, certificate.subject)) return []
  const suggestion = formatDistinguishedName(certificate.subject)
  const reversed = parseDistinguishedName(turned)
  if (reversed.ok && distinguishedNameMatch(reversed.value, certificate.subject)) {
    return [{ reason: 'order_reversed', suggestion: turned }]
  }
  return [{ reason: 'subject_differs', presented: suggestion, suggestion }]
}

/**
 * Tells whether a single attribute of the leaf's subject has the registered value by caseIgnoreMatch, and stands there once.
 *
 * For organizationIdentifier (ETSI EN 319 412-1 §5.1.4): what identifies a party of a federation better than its whole name.
 */
export function isSubjectAttribute(leaf: Certificate, type: string, value: string): boolean {
  const [presented, ...further] = leaf.subject.rdns.flat().filter((attribute) => attribute.type === type)
  if (presented?.text === undefined || further.length > 0 || value === '') return false
  const wanted = prepareString(value)
  return wanted !== undefined && wanted === prepareString(presented.text)
}

export const ORGANIZATION_IDENTIFIER = '2.5.4.97'

/** What ends a certificate's name, and begins its text, in practice. */
const MOST_PARTICULAR: ReadonlySet<string> = new Set(['2.5.4.3', '0.9.2342.19200300.100.1.1', '2.5.4.5'])
/** What begins a certificate's name, and ends its text, in practice. */
const MOST_GENERAL: ReadonlySet<string> = new Set(['2.5.4.6', '0.9.2342.19200300.100.1.25', '2.5.4.10'])
