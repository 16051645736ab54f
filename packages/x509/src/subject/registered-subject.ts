import type { Certificate } from '../certificate/certificate.ts'
import { attributeNamesByType, attributeTypesByName, RFC_4514_TYPES } from '../name/attribute-types.ts'
import type { AttributeTypeAndValue, DistinguishedName } from '../name/distinguished-name.ts'
import { distinguishedNameMatch } from '../name/distinguished-name-match.ts'
import { formatDistinguishedName, formatRdns, formatStrictName } from '../name/format-distinguished-name.ts'
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
  /**
   * A name of Open Finance Brasil with attributes by name that its registration profile writes as identifier and `#` with hex.
   * It matches here all the same. The text of the profile only with a certificate at hand: it needs the string type.
   */
  | {
      readonly reason: 'brazil_attribute_form'
      readonly attributes: readonly string[]
      readonly suggestion: string | undefined
    }
  /** A name of Open Finance Brasil without what identifies a party there. */
  | { readonly reason: 'brazil_attribute_missing'; readonly attributes: readonly string[] }

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
  const reading = readingOf(name)
  const warnings = subjectWarnings({ text, name }, certificate)
  return ok({ text, name, reading, written: formatDistinguishedName(name), warnings })
}

/** The RDNs of a name in the order of a certificate, each attribute with its label and value. */
export function readingOf(name: DistinguishedName): readonly (readonly ReadAttribute[])[] {
  return name.rdns.map((rdn) =>
    rdn.map(({ type, text: value, der }) => ({
      type,
      label: attributeNamesByType.get(type) ?? type,
      value: value ?? `#${[...der].map((octet) => octet.toString(16).padStart(2, '0')).join('')}`,
    })),
  )
}

/** The text to register for the subject of a certificate; undefined when its subject is empty. */
export function registeredTextOf(certificate: Certificate): string | undefined {
  return certificate.subject.rdns.length === 0 ? undefined : formatDistinguishedName(certificate.subject)
}

/** What is probably wrong with a name that was registered by this text. */
export function subjectWarnings(
  { text, name }: Pick<RegisteredSubject, 'text' | 'name'>,
  certificate?: Certificate,
): readonly SubjectWarning[] {
  return [...orderWarnings(name, certificate), ...brazilWarnings({ text, name }, certificate)]
}

function orderWarnings(name: DistinguishedName, certificate: Certificate | undefined): readonly SubjectWarning[] {
  const turned = (): string => formatRdns(name.rdns.toReversed())
  if (certificate === undefined) {
    const looksReversed =
      name.rdns.length > 1 &&
      MOST_PARTICULAR.has(name.rdns[0]![0]!.type) &&
      MOST_GENERAL.has(name.rdns.at(-1)![0]!.type)
    return looksReversed ? [{ reason: 'order_looks_reversed', suggestion: turned() }] : []
  }
  if (distinguishedNameMatch(name, certificate.subject)) return []
  const suggestion = formatDistinguishedName(certificate.subject)
  const reversed = parseDistinguishedName(turned())
  if (reversed.ok && distinguishedNameMatch(reversed.value, certificate.subject)) {
    return [{ reason: 'order_reversed', suggestion: turned() }]
  }
  return [{ reason: 'subject_differs', presented: suggestion, suggestion }]
}

/** Open Finance Brasil, Dynamic Client Registration §7.1.2: the names of RFC 4514 §3 are written so, all others as `OID=#hex`. */
function brazilWarnings(
  { text, name }: Pick<RegisteredSubject, 'text' | 'name'>,
  certificate: Certificate | undefined,
): readonly SubjectWarning[] {
  if (!isBrazilian(name)) return []
  const types = new Set(name.rdns.flat().map(({ type }) => type))
  const byName = [...text.matchAll(WRITTEN_BY_NAME)].map(([, label = '']) => label)
  const attributes = byName.filter((label) => !RFC_4514_TYPES.has(attributeTypesByName.get(label.toLowerCase()) ?? ''))
  const missing = BRAZIL_REQUIRED.filter((type) => !types.has(type)).map(
    (type) => attributeNamesByType.get(type) ?? type,
  )
  const known = certificate !== undefined && distinguishedNameMatch(name, certificate.subject)
  const suggestion = known ? formatStrictName(certificate.subject) : undefined
  return [
    ...(attributes.length === 0 ? [] : [{ reason: 'brazil_attribute_form', attributes, suggestion } as const]),
    ...(missing.length === 0 ? [] : [{ reason: 'brazil_attribute_missing', attributes: missing } as const]),
  ]
}

function isBrazilian(name: DistinguishedName): boolean {
  const attributes = name.rdns.flat()
  const is = (type: string, value: RegExp): boolean =>
    attributes.some((attribute) => attribute.type === type && value.test(attribute.text ?? ''))
  return is(ORGANIZATION_IDENTIFIER, /^OFBBR-/i) || (is(COUNTRY, /^BR$/i) && is(JURISDICTION_COUNTRY, /^BR$/i))
}

/**
 * Tells whether a single attribute of the leaf's subject has the registered value by caseIgnoreMatch, and stands there once.
 *
 * For organizationIdentifier (ETSI EN 319 412-1 §5.1.4): what identifies a party of a federation better than its whole name.
 */
export function isSubjectAttribute(leaf: Certificate, type: string, value: string): boolean {
  const wanted = value === '' ? undefined : prepareString(value)
  return wanted !== undefined && wanted === comparableSubjectAttribute(leaf, type)
}

/** The value of an attribute in the form in which it is compared; undefined when it is no string, or does not stand there exactly once. */
export function comparableSubjectAttribute(leaf: Certificate, type: string): string | undefined {
  const [presented, ...further] = subjectAttributes(leaf, type)
  return presented?.text === undefined || further.length > 0 ? undefined : prepareString(presented.text)
}

/** All attributes of one type in the leaf's subject. */
export function subjectAttributes(leaf: Certificate, type: string): readonly AttributeTypeAndValue[] {
  return leaf.subject.rdns.flatMap((rdn) => rdn.filter((attribute) => attribute.type === type))
}

export const ORGANIZATION_IDENTIFIER = '2.5.4.97'

/** What ends a certificate's name, and begins its text, in practice. */
const MOST_PARTICULAR: ReadonlySet<string> = new Set(['2.5.4.3', '0.9.2342.19200300.100.1.1', '2.5.4.5'])
/** What begins a certificate's name, and ends its text, in practice. */
const MOST_GENERAL: ReadonlySet<string> = new Set(['2.5.4.6', '0.9.2342.19200300.100.1.25', '2.5.4.10'])

const COUNTRY = '2.5.4.6'
const JURISDICTION_COUNTRY = '1.3.6.1.4.1.311.60.2.1.3'
/** software_id as UID, org_id in organizationIdentifier. */
const BRAZIL_REQUIRED = ['0.9.2342.19200300.100.1.1', ORGANIZATION_IDENTIFIER]
/** A type that is written by name, before a value that is written as text. */
const WRITTEN_BY_NAME = /(?:^|(?<!\\)[,+]) *([A-Za-z][A-Za-z0-9-]*) *= *(?![ #])/g
