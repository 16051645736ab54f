import type { Terminal } from '../terminal.ts'
import { checks } from './checks.ts'
import type { CheckResult, Diagnosis, Finding } from './diagnose.ts'

/** The report for people: the checks in one line each, then what was found, why it matters and how to mend it. */
export function printReport(diagnosis: Diagnosis, terminal: Terminal): void {
  const { paint, width } = terminal
  terminal.print(paint('bold', diagnosis.issuer))
  terminal.print(`certificates at ${diagnosis.mtls ?? 'no host'}, TLS ended by ${terminatorText(diagnosis)}`)
  terminal.print()
  for (const check of diagnosis.checks) terminal.print(checkLine(check, terminal))
  for (const finding of diagnosis.findings) {
    terminal.print()
    for (const line of findingLines(finding, diagnosis, width)) terminal.print(line(paint))
  }
  terminal.print()
  terminal.print(sum(diagnosis, paint))
}

export function terminatorText({ terminator }: Diagnosis): string {
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

type Painted = (paint: Terminal['paint']) => string

function findingLines(finding: Finding, diagnosis: Diagnosis, width: number): readonly Painted[] {
  const colour = { fault: 'red', warning: 'yellow', note: 'cyan' } as const
  const label = (text: string): string => text.padEnd(labelWidth)
  const body = (name: string, text: string): readonly Painted[] =>
    wrap(text, width - labelWidth - 2).map(
      (part, at) => (paint) => `  ${paint('dim', label(at === 0 ? name : ''))}${part}`,
    )
  const { mend } = finding
  return [
    (paint) =>
      `${paint(colour[finding.severity], finding.severity)}  ${paint('bold', finding.cause)}  ${paint('dim', `check ${finding.check}`)}`,
    ...body('what', finding.what),
    ...body('why', finding.why),
    ...(mend.kind === 'do'
      ? [
          ...body(`mend`, `${diagnosis.terminator === 'unknown' ? '' : `${terminatorText(diagnosis)}: `}${mend.text}`),
          ...mend.lines.map(
            (line): Painted =>
              (paint) =>
                `  ${label('')}${paint('cyan', line)}`,
          ),
        ]
      : body('mend', `nothing to be done: ${mend.text}`)),
  ]
}

function sum({ findings, checks, outcome }: Diagnosis, paint: Terminal['paint']): string {
  const count = (severity: Finding['severity']): number => findings.filter((one) => one.severity === severity).length
  const unseen = checks.filter((check) => check.outcome === 'unknown').length
  const parts = [
    ...counted(count('fault'), 'fault'),
    ...counted(count('warning'), 'warning'),
    ...counted(count('note'), 'note'),
    ...(unseen === 0 ? [] : [`${unseen} ${unseen === 1 ? 'check' : 'checks'} could not be seen`]),
  ]
  const rest = parts.length === 0 ? '' : `: ${parts.join(', ')}`
  switch (outcome) {
    case 'good':
      return `${paint('green', 'all good')}${rest}`
    case 'findings':
      return `${paint('red', 'something is to be mended')}${rest}`
    case 'unknown':
      return `${paint('yellow', 'nothing was found, but not everything could be seen')}${rest}`
  }
}

function counted(count: number, word: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${word}${count === 1 ? '' : 's'}`]
}

/** Words into lines; one that is longer than a line stays whole. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
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
const labelWidth = 6
const titleWidth = Math.max(...checks.map(({ title }) => title.length))
