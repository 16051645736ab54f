import type { Terminal } from '../terminal.ts'
import { checks } from './checks.ts'
import { printFinding, wrap } from './finding-text.ts'
import type { CheckResult, Diagnosis, Finding } from './diagnose.ts'

/** The report for people: the checks in one line each, then what was found, why it matters and how to mend it. */
export function printReport(diagnosis: Diagnosis, terminal: Terminal): void {
  const { paint } = terminal
  const on = diagnosis.terminator === 'unknown' ? undefined : terminatorText(diagnosis)
  terminal.print(paint('bold', diagnosis.issuer))
  terminal.print(`certificates at ${diagnosis.mtls ?? 'no host'}, TLS ended by ${terminatorText(diagnosis)}`)
  terminal.print()
  for (const check of diagnosis.checks) terminal.print(checkLine(check, terminal))
  for (const finding of diagnosis.findings) {
    terminal.print()
    printFinding({ ...finding, where: `check ${finding.check}`, on }, terminal)
  }
  terminal.print()
  terminal.print(sum(diagnosis, paint))
}

function terminatorText({ terminator }: Diagnosis): string {
  return terminator === 'unknown' ? 'nobody that I recognise (--terminator NAME)' : (names[terminator] ?? terminator)
}

function checkLine({ number, title, outcome, said }: CheckResult, { paint, width }: Terminal): string {
  const mark = {
    good: paint('green', '✓'),
    found: paint('red', '✗'),
    unknown: paint('yellow', '?'),
    skipped: paint('dim', '-'),
  }
  const start = `${mark[outcome]} ${String(number).padStart(2)}  ${title.padEnd(titleWidth)}`
  // What was found stands below in full.
  const [first = '', ...rest] = outcome === 'found' ? ['see below'] : wrap(said, width - titleWidth - 8)
  return [first, ...rest]
    .map((part, at) => `${at === 0 ? start : ' '.repeat(titleWidth + 6)}  ${paint('dim', part)}`)
    .join('\n')
}

function sum({ findings, checks, outcome }: Diagnosis, paint: Terminal['paint']): string {
  const count = (severity: Finding['severity']): number => findings.filter((one) => one.severity === severity).length
  const unseen = checks.filter((check) => check.outcome === 'unknown').length
  const unseenText = `${unseen} ${unseen === 1 ? 'check' : 'checks'} could not be seen`
  const parts = [
    ...counted(count('fault'), 'fault'),
    ...counted(count('warning'), 'warning'),
    ...counted(count('note'), 'note'),
    ...(unseen === 0 || outcome === 'unknown' ? [] : [unseenText]),
  ]
  const rest = parts.length === 0 ? '' : `: ${parts.join(', ')}`
  switch (outcome) {
    case 'good':
      return `${paint('green', 'all good')}${rest}`
    case 'findings':
      return `${paint('red', 'something is to be mended')}${rest}`
    case 'unknown':
      return `${paint('yellow', `nothing was found, but ${unseenText}`)}${rest}`
  }
}

function counted(count: number, word: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${word}${count === 1 ? '' : 's'}`]
}

const names: Readonly<Record<string, string>> = {
  nginx: 'nginx',
  haproxy: 'HAProxy',
  apache: 'Apache httpd',
  caddy: 'Caddy',
  traefik: 'Traefik',
  envoy: 'Envoy',
  iis: 'IIS',
  kestrel: 'Kestrel',
  azure: 'Azure',
  'aws-alb': 'AWS ALB',
  cloudflare: 'Cloudflare',
  'google-cloud': 'Google Cloud',
  fastly: 'Fastly',
  f5: 'F5 BIG-IP',
  kong: 'Kong',
  holdfast: 'Holdfast itself',
}
const titleWidth = Math.max(...checks.map(({ title }) => title.length))
