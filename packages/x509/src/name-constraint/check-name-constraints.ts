import type { Certificate } from '../certificate/certificate.ts'
import type { NameConstraints } from '../extension/name-constraints.ts'
import type { DistinguishedName } from '../name/distinguished-name.ts'
import { formatDistinguishedName } from '../name/format-distinguished-name.ts'
import type { GeneralName } from '../name/general-name.ts'
import { formatIpAddress } from '../name/ip-address.ts'
import { isOfSmtpUtf8Form, smtpUtf8Mailbox } from '../name/smtp-utf8-mailbox.ts'
import type { PathFailure } from '../path/path-failure.ts'
import { type SearchBudget, spend } from '../path/search-budget.ts'
import { dnsNameTouches, dnsNameWithin, isDnsConstraint, isDnsName } from './dns-name-constraint.ts'
import { emailWithin, isEmailConstraint, isMailbox } from './email-constraint.ts'
import { ipAddressWithin, isIpConstraint } from './ip-address-constraint.ts'
import { hostOfUri, hostWithin, isUriConstraint } from './uri-constraint.ts'

/**
 * Checks the names of a certificate against the constraints of every CA above it: none excluded, each of a constrained
 * form permitted by every CA that permits that form. Undefined when all is well.
 *
 * RFC 5280 §6.1.3 (b), (c), §4.2.1.10. A malformed constraint, a malformed name of a constrained form, and a name of a form
 * whose constraints are not understood are refused.
 */
export function checkNameConstraints(
  certificate: Certificate,
  constraints: readonly NameConstraints[],
  index: number,
  budget: SearchBudget,
): PathFailure | undefined {
  if (constraints.length === 0) return undefined
  const names = namesOf(certificate)
  for (const { permitted, excluded } of constraints) {
    for (const base of permitted) if (!isWellFormedConstraint(base)) return malformed(base, index)
    for (const base of excluded) if (!isWellFormedConstraint(base)) return malformed(base, index)
    const permittedByKind = Map.groupBy(permitted, ({ kind }) => kind)
    const excludedByKind = Map.groupBy(excluded, ({ kind }) => kind)
    for (const name of names) {
      const kind = kindOfConstraint(name)
      if (kind !== name.kind && (permittedByKind.has(name.kind) || excludedByKind.has(name.kind))) {
        return { reason: 'name_constraint_unsupported', index, form: name.kind }
      }
      const failure = checkName(name, permittedByKind.get(kind) ?? [], excludedByKind.get(kind) ?? [], index, budget)
      if (failure !== undefined) return failure
    }
  }
  return undefined
}

/** `permitted` and `excluded` hold the bases of the name's own form. */
function checkName(
  name: GeneralName,
  permitted: readonly GeneralName[],
  excluded: readonly GeneralName[],
  index: number,
  budget: SearchBudget,
): PathFailure | undefined {
  if (permitted.length === 0 && excluded.length === 0) return undefined
  if (!UNDERSTOOD.has(kindOfConstraint(name))) return { reason: 'name_constraint_unsupported', index, form: name.kind }
  if (!isWellFormedName(name)) return { reason: 'name_malformed', index, name: formatGeneralName(name) }
  for (const base of excluded) {
    if (!spend(budget, 'nameComparisons')) return { reason: 'budget_exceeded', budget: 'name_comparisons' }
    if (!within(name, base, dnsNameTouches) && !excludesByHost(name, base)) continue
    return { reason: 'name_excluded', index, name: formatGeneralName(name), constraint: formatGeneralName(base) }
  }
  if (permitted.length === 0) return undefined
  for (const base of permitted) {
    if (!spend(budget, 'nameComparisons')) return { reason: 'budget_exceeded', budget: 'name_comparisons' }
    if (within(name, base, dnsNameWithin)) return undefined
  }
  return { reason: 'name_not_permitted', index, name: formatGeneralName(name) }
}

/**
 * The names that constraints apply to: SANs, the subject, and the e-mail addresses in it.
 *
 * Stricter than RFC 5280 §4.2.1.10, which asks about the subject's e-mail addresses only where there are no SANs.
 */
function namesOf(certificate: Certificate): readonly GeneralName[] {
  const names: GeneralName[] = [...certificate.subjectAltNames]
  if (certificate.subject.rdns.length > 0) names.push({ kind: 'directory', name: certificate.subject })
  for (const rdn of certificate.subject.rdns) {
    for (const { type, text } of rdn) if (type === EMAIL_ADDRESS) names.push({ kind: 'email', email: text ?? '' })
  }
  return names
}

/** RFC 9598 §6: constraints on e-mail addresses also bind mailboxes written as otherName. */
function kindOfConstraint(name: GeneralName): GeneralName['kind'] {
  return isOfSmtpUtf8Form(name) ? 'email' : name.kind
}

function within(name: GeneralName, base: GeneralName, dns: (name: string, base: string) => boolean): boolean {
  switch (name.kind) {
    case 'dns':
      return base.kind === 'dns' && dns(name.name, base.name)
    case 'ip':
      return base.kind === 'ip' && ipAddressWithin(name.address, base.address)
    case 'email':
      return base.kind === 'email' && emailWithin(name.email, base.email)
    case 'uri':
      return base.kind === 'uri' && hostWithin(hostOfUri(name.uri) ?? '', base.uri)
    case 'directory':
      return base.kind === 'directory' && nameWithin(name.name, base.name)
    case 'other':
      return base.kind === 'email' && emailWithin(smtpUtf8Mailbox(name) ?? '', base.email)
    case 'x400':
    case 'edi':
    case 'registered':
      return false
  }
}

/** RFC 9598 §6 drops the local part of a constraint before a mailbox is compared with it: more is excluded, never more permitted. */
function excludesByHost(name: GeneralName, base: GeneralName): boolean {
  if (base.kind !== 'email' || !isOfSmtpUtf8Form(name)) return false
  return emailWithin(smtpUtf8Mailbox(name) ?? '', base.email.slice(base.email.lastIndexOf('@') + 1))
}

/** Whether the first RDNs of `name` are those of `base`. */
function nameWithin(name: DistinguishedName, base: DistinguishedName): boolean {
  if (base.canonicalRdns.length > name.canonicalRdns.length) return false
  return base.canonicalRdns.every((rdn, at) => rdn === name.canonicalRdns[at])
}

function isWellFormedName(name: GeneralName): boolean {
  switch (name.kind) {
    case 'dns':
      return isDnsName(name.name)
    case 'ip':
      return name.address.length === 4 || name.address.length === 16
    case 'email':
      return isMailbox(name.email)
    case 'uri':
      return hostOfUri(name.uri) !== undefined
    case 'other':
      return !isOfSmtpUtf8Form(name) || smtpUtf8Mailbox(name) !== undefined
    default:
      return true
  }
}

function isWellFormedConstraint(base: GeneralName): boolean {
  switch (base.kind) {
    case 'dns':
      return isDnsConstraint(base.name)
    case 'ip':
      return isIpConstraint(base.address)
    case 'email':
      return isEmailConstraint(base.email)
    case 'uri':
      return isUriConstraint(base.uri)
    default:
      return true
  }
}

function malformed(base: GeneralName, index: number): PathFailure {
  return { reason: 'name_constraint_malformed', index, constraint: formatGeneralName(base) }
}

/** A general name for a log line: its form and its value. */
export function formatGeneralName(name: GeneralName): string {
  switch (name.kind) {
    case 'dns':
      return `dns:${name.name}`
    case 'email':
      return `email:${name.email}`
    case 'uri':
      return `uri:${name.uri}`
    case 'ip':
      return `ip:${name.address.length > 16 || name.address.length === 8 ? network(name.address) : formatIpAddress(name.address)}`
    case 'directory':
      return `directory:${formatDistinguishedName(name.name)}`
    case 'other':
    case 'registered':
      return `${name.kind}:${name.oid}`
    case 'x400':
    case 'edi':
      return name.kind
  }
}

function network(base: Uint8Array): string {
  const half = base.length / 2
  return `${formatIpAddress(base.subarray(0, half))}/${formatIpAddress(base.subarray(half))}`
}

const UNDERSTOOD: ReadonlySet<GeneralName['kind']> = new Set(['dns', 'ip', 'email', 'uri', 'directory'])
const EMAIL_ADDRESS = '1.2.840.113549.1.9.1'
