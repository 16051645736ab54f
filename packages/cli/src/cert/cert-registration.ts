import { subjectWarningText } from '@holdfast/server'
import { nameLines } from '@holdfast/server/operate'
import { type Certificate, formatStrictName, readRegisteredSubject, type RegisteredSubject } from '@holdfast/x509'
import { CommandError } from '../command-error.ts'
import { YamlText, yaml } from '../deployment/yaml-text.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { jwkOf } from './cert-jwks.ts'
import { readCertificates } from './read-certificates.ts'
import { isForClients, isSelfIssued, registrableSubjects } from './registration.ts'
import { thumbprintOf } from './thumbprint-of.ts'
import { visible } from './visible.ts'

export interface CertRegistrationOptions {
  readonly clientId?: string
  readonly trust: string
  /** A name that somebody was told to register, to be compared. */
  readonly name?: string
}

/** Prints the records by any one of which a client with this certificate could be registered, ready for `holdfast.yaml`. */
export function certRegistration(file: string, options: CertRegistrationOptions, terminal: Terminal): ExitCode {
  const chain = readCertificates(file, terminal)
  const [certificate] = chain
  if (certificate.basicConstraints?.ca === true) {
    throw new CommandError('no', `${file} is a certification authority, which no client is`, {
      hint: 'it belongs under trust, as an anchor',
    })
  }
  if (options.name !== undefined) return compare(options.name, certificate, terminal)
  const records = registrations(chain, options)
  if (terminal.json) {
    terminal.printJson({ subject: nameLines(certificate.subject), registrations: records })
    return 0
  }
  if (certificate.subject.rdns.length > 0) {
    terminal.print(terminal.paint('bold', 'the subject, from its top'))
    for (const line of nameLines(certificate.subject)) terminal.print(`  ${visible(line)}`)
    terminal.print()
  }
  terminal.print(terminal.paint('bold', 'clients: one of'))
  for (const { by, record } of records) {
    terminal.print(terminal.paint('dim', `  # ${by}`))
    for (const line of recordYaml(record).split('\n')) terminal.print(`  ${visible(line)}`)
  }
  if (!isSelfIssued(certificate) && !isForClients(certificate)) {
    terminal.note('warning: its extended key usage leaves clients out, so no CA vouches for it as one')
    terminal.note('hint: a trust with extended-key-usage: server_auth_too takes it if it is for servers')
  }
  return 0
}

interface Registration {
  /** What the server compares, in words. */
  readonly by: string
  readonly record: Readonly<Record<string, unknown>>
}

function registrations(
  chain: readonly [Certificate, ...Certificate[]],
  { clientId, trust }: CertRegistrationOptions,
): readonly Registration[] {
  const [certificate] = chain
  const subjects = registrableSubjects(certificate)
  const client = { client_id: clientId ?? titleOf(certificate) }
  const rest = { grant_types: ['client_credentials'] }
  const byAuthority = { ...client, token_endpoint_auth_method: 'tls_client_auth', trust, ...rest }
  const itself = { ...client, token_endpoint_auth_method: 'self_signed_tls_client_auth', ...rest }
  const strict = formatStrictName(certificate.subject)
  const named = isSelfIssued(certificate) ? [] : subjects
  return [
    ...named.map(({ member, value }) => ({ by: kinds[member], record: { ...byAuthority, [member]: value } })),
    ...named
      .filter(({ member, value }) => member === 'tls_client_auth_subject_dn' && value !== strict)
      .map(({ member }) => ({ by: strictKind, record: { ...byAuthority, [member]: strict } })),
    {
      by: 'this certificate and no other, whoever signed it',
      record: { ...itself, certificate_thumbprints: [thumbprintOf(certificate.der)] },
    },
    { by: 'the same, as RFC 8705 §2.2.2 has it', record: { ...itself, jwks: { keys: [jwkOf(chain)] } } },
  ]
}

/** A name that somebody was told to register: is it the subject of this certificate? */
function compare(name: string, certificate: Certificate, terminal: Terminal): ExitCode {
  const subject = readRegisteredSubject(name, certificate)
  if (!subject.ok) {
    const { reason, position, hint } = subject.failure
    const suggestion = 'suggestion' in subject.failure ? subject.failure.suggestion : undefined
    throw new CommandError('no', `not a name in RFC 4514 form: ${words(reason)} at character ${position + 1}`, {
      hint: suggestion === undefined ? hint : `${hint}; did you mean ${JSON.stringify(suggestion)}?`,
    })
  }
  const { warnings } = subject.value
  const matches = warnings.every(({ reason }) => reason !== 'order_reversed' && reason !== 'subject_differs')
  if (terminal.json) terminal.printJson({ matches, reading: nameLines(subject.value.name), warnings })
  else tellComparison(subject.value, matches, terminal)
  return matches ? 0 : 1
}

function tellComparison({ name, warnings }: RegisteredSubject, matches: boolean, terminal: Terminal): void {
  terminal.print(terminal.paint('bold', 'the name is read as, from the top of a certificate'))
  for (const line of nameLines(name)) terminal.print(`  ${visible(line)}`)
  terminal.print(
    matches
      ? `${terminal.paint('green', 'yes')}: it is the subject of the certificate`
      : `${terminal.paint('red', 'no')}: it is not the subject of the certificate`,
  )
  for (const found of warnings) {
    const { warning, hint } = subjectWarningText(found)
    terminal.note(visible(`warning: ${warning}`))
    terminal.note(visible(`hint: ${hint}`))
  }
}

/** An item of the list `clients`, each member on a line of its own. */
function recordYaml(record: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(record).map(([member, value]) => yaml`${new YamlText(member)}: ${value as string}`.text)
  return lines.map((line, at) => `${at === 0 ? '- ' : '  '}${line}`).join('\n')
}

/** A client id that says whom it is for, where the certificate has one. */
function titleOf(certificate: Certificate): string {
  const dns = certificate.subjectAltNames.find((name) => name.kind === 'dns')
  const commonName = certificate.subject.rdns.flat().findLast(({ type }) => type === commonNameType)?.text
  const title = dns?.name ?? commonName ?? ''
  return plainTitle.test(title) ? title : 'client'
}

function words(reason: string): string {
  return reason.replaceAll('_', ' ')
}

const kinds = {
  tls_client_auth_subject_dn: 'its whole subject',
  tls_client_auth_san_dns: 'its DNS name',
  tls_client_auth_san_uri: 'its URI',
  tls_client_auth_san_ip: 'its IP address',
  tls_client_auth_san_email: 'its e-mail address',
  certificate_organization_identifier: 'its organizationIdentifier, whatever else its subject says',
  spiffe_id: 'its SPIFFE ID, with all rules of an SVID; /* at the end takes everything below',
} as const

const strictKind = 'its whole subject, to the letter of RFC 4514: the form of Open Finance Brasil'
const commonNameType = '2.5.4.3'
const plainTitle = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
