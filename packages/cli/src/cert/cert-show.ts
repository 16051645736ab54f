import type { ExitCode, Terminal } from '../terminal.ts'
import { type CertificateFacts, certificateFacts } from './certificate-facts.ts'
import type { Making } from './making.ts'
import { type LabelledLine, printLabelled } from './print-labelled.ts'
import { readCertificates } from './read-certificates.ts'
import { registration, registrationText } from './registration.ts'
import { visible } from './visible.ts'

export interface CertShowOptions {
  readonly at?: number
}

/** Shows what the certificates of a file say, and how a client could be registered with them. */
export function certShow(file: string, options: CertShowOptions, terminal: Terminal, making: Making): ExitCode {
  const now = options.at ?? making.now()
  const certificates = readCertificates(file, terminal)
  const facts = certificates.map((certificate) => certificateFacts(certificate, now))
  if (terminal.json) {
    terminal.printJson(facts)
    return 0
  }
  for (const [index, certificate] of certificates.entries()) {
    if (index > 0) terminal.print()
    printLabelled(view(visible(facts[index]!), terminal), terminal)
    if (facts[index]!.role === 'ca') continue
    const lines = registration(certificate)
    terminal.print()
    terminal.print(terminal.paint('dim', registrationHeadings[Math.min(lines.length, 2)]!))
    for (const line of lines) terminal.print(`  ${registrationText(visible(line))}`)
  }
  return 0
}

function view(facts: CertificateFacts, terminal: Terminal): LabelledLine[] {
  const { paint } = terminal
  return [
    ['subject', paint('bold', facts.subject === '' ? '(empty)' : facts.subject)],
    ['issuer', facts.selfIssued ? 'itself' : facts.issuer],
    ['serial', facts.serialNumber],
    ['valid', `${facts.notBefore} to ${facts.notAfter}, ${paint(colours[facts.validity], validityText(facts))}`],
    ['key', `${facts.publicKey}, signed with ${facts.signatureAlgorithm}`],
    ...optional('usage', [...facts.keyUsage, ...facts.extendedKeyUsage].join(', ')),
    ...optional('role', facts.role === 'ca' ? 'certification authority' : ''),
    ...facts.organizationIdentifiers.map((value): LabelledLine => ['organization', value]),
    ...qualifiedLines(facts.qualified),
    ...facts.subjectAltNames.map(({ kind, value }): LabelledLine => [kind, value]),
    ['x5t#S256', facts['x5t#S256']],
  ]
}

function qualifiedLines(qualified: CertificateFacts['qualified']): LabelledLine[] {
  if (qualified === undefined) return []
  if (qualified.compliance === 'malformed')
    return [['qualified', 'its qcStatements cannot be read, so they say nothing']]
  const { types, psd2 } = qualified
  const eu = qualified.compliance === 'eu_qualified' ? 'says that it is, in the EU' : 'does not say that it is'
  return [
    ['qualified', types.length === 0 ? eu : `${eu}; for ${types.join(', ')}`],
    ...(psd2 === undefined
      ? []
      : ([
          ['PSD2 roles', psd2.roles.join(', ') || 'none of those known'],
          ['authorized by', `${psd2.competentAuthorityId}, ${psd2.competentAuthorityName}`],
        ] satisfies LabelledLine[])),
  ]
}

function validityText({ validity, daysLeft }: CertificateFacts): string {
  switch (validity) {
    case 'expired':
      return daysLeft === 0 ? 'expired within the last day' : `expired ${days(-daysLeft)} ago`
    case 'not_yet_valid':
      return 'not valid yet'
    case 'valid':
      return `${days(daysLeft)} left`
  }
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`
}

function optional(label: string, text: string): LabelledLine[] {
  return text === '' ? [] : [[label, text]]
}

const colours = { valid: 'green', expired: 'red', not_yet_valid: 'yellow' } as const

/** For none, one, and several lines. */
const registrationHeadings = [
  'satisfies no registration of a client',
  'satisfies the registration',
  'satisfies any one of these registrations',
]
