import { relative, resolve } from 'node:path'
import { whyItMatters } from '../cause.ts'
import { CommandError } from '../../command-error.ts'
import type { DoctorOptions } from '../../program/doctor.ts'
import type { ExitCode, Terminal } from '../../terminal.ts'
import { printFinding } from '../finding-text.ts'
import { mendOf } from '../mend.ts'
import type { Mend } from '../mend-text.ts'
import type { TerminatorName } from '../recognise-terminator.ts'
import { apacheSites } from './apache-sites.ts'
import { caddySites } from './caddy-sites.ts'
import { configurationFiles } from './configuration-files.ts'
import type { ConfiguredSite } from './configured-site.ts'
import type { Files, ReadConfiguration } from './directive.ts'
import { haproxySites } from './haproxy-sites.ts'
import { nginxSites } from './nginx-sites.ts'
import { readCurly } from './read-curly.ts'
import { readApache, readHaproxy } from './read-lines.ts'
import { type PlacedFinding, siteFindings } from './site-findings.ts'
import { yamlFindings } from './yaml-findings.ts'

/** The languages that are read. */
export type ProxyLanguage = 'nginx' | 'haproxy' | 'apache' | 'caddy' | 'traefik' | 'envoy'

/** What a configuration file says. */
export interface FileExamination {
  readonly language: ProxyLanguage
  /** Sites that end TLS; `undefined` where the language has none that we read. */
  readonly sites: number | undefined
  readonly findings: readonly PlacedFinding[]
  readonly missing: ReadConfiguration['missing']
}

/** `holdfast doctor --config-file FILE`: what the proxy's own configuration says, without sending anything. */
export function examineConfigFile(url: string | undefined, options: DoctorOptions, terminal: Terminal): ExitCode {
  if (url !== undefined)
    throw new CommandError('wrong_use', 'a URL and --config-file are two examinations', { hint: 'choose one' })
  const written = options.configFile ?? ''
  const path = resolve(terminal.folder, written)
  const text = configurationFiles.read(path)
  if (text === undefined) throw new CommandError('wrong_use', `cannot read ${written}`)
  const language = languageOf(path, text, options.terminator)
  if (language === undefined)
    throw new CommandError('wrong_use', `${written} is the configuration of nothing that I know`, {
      hint: '--terminator nginx, haproxy, apache, caddy, traefik or envoy says what it is',
    })
  const examination = examineFile(path, language, configurationFiles, options.mtlsHost ?? [])
  if (examination.sites === 0)
    throw new CommandError('unknown', `${written} has no site that ends TLS`, {
      hint: 'name the main file of the proxy: includes are followed',
    })
  for (const { pattern, place } of examination.missing)
    terminal.note(`${placeText(place, terminal)}: nothing at ${pattern}, so that it could not be read`)
  const findings = examination.findings
    .map((finding) => told(finding, language))
    .toSorted((a, b) => rank[a.severity] - rank[b.severity])
  if (terminal.json)
    terminal.printJson({ file: path, terminator: language, sites: examination.sites ?? null, findings })
  else print(written, examination, findings, terminal)
  if (findings.some(({ severity }) => severity !== 'note')) return 1
  return examination.missing.length > 0 ? 3 : 0
}

/** Examines a file with what it includes. */
export function examineFile(
  path: string,
  language: ProxyLanguage,
  files: Files,
  mtlsHosts: readonly string[],
): FileExamination {
  if (language === 'traefik' || language === 'envoy')
    return { language, sites: undefined, findings: yamlFindings(language, files.read(path) ?? '', path), missing: [] }
  const { sites, missing } = sitesIn(path, language, files)
  return {
    language,
    sites: sites.length,
    findings: siteFindings(
      sites,
      mtlsHosts.map((name) => name.toLowerCase()),
    ),
    missing,
  }
}

function sitesIn(
  path: string,
  language: Exclude<ProxyLanguage, 'traefik' | 'envoy'>,
  files: Files,
): { readonly sites: readonly ConfiguredSite[]; readonly missing: ReadConfiguration['missing'] } {
  switch (language) {
    case 'nginx': {
      const { directives, missing } = readCurly('nginx', path, files)
      return { sites: nginxSites(directives), missing }
    }
    case 'caddy': {
      const { directives, missing } = readCurly('caddy', path, files)
      return { sites: caddySites(directives), missing }
    }
    case 'apache': {
      const { directives, missing } = readApache(path, files)
      return { sites: apacheSites(directives), missing }
    }
    case 'haproxy': {
      const { directives, missing } = readHaproxy(path, files)
      return { sites: haproxySites(directives, files), missing }
    }
  }
}

/** By the name that the operator gives, else by that of the file, else by words that only one language has. */
function languageOf(path: string, text: string, told: TerminatorName | undefined): ProxyLanguage | undefined {
  if (told !== undefined) return languages.find((language) => language === told)
  if (/caddyfile$/i.test(path)) return 'caddy'
  return byWords.find(({ words }) => words.every((pattern) => pattern.test(text)))?.language
}

interface JudgedFinding extends PlacedFinding {
  readonly why: string
  readonly mend: Mend
}

function told(finding: PlacedFinding, language: ProxyLanguage): JudgedFinding {
  const mend = mendOf(finding.cause, language)
  return {
    ...finding,
    severity: mend.kind === 'unavoidable' ? 'note' : finding.severity,
    why: whyItMatters[finding.cause],
    mend,
  }
}

function print(
  file: string,
  examination: FileExamination,
  findings: readonly JudgedFinding[],
  terminal: Terminal,
): void {
  const { paint } = terminal
  const { sites } = examination
  terminal.print(paint('bold', file))
  terminal.print(
    `${examination.language}${sites === undefined ? '' : `, ${sites} ${sites === 1 ? 'site that ends' : 'sites that end'} TLS`}`,
  )
  for (const finding of findings) {
    terminal.print()
    printFinding({ ...finding, where: placeText(finding.place, terminal), on: undefined }, terminal)
  }
  terminal.print()
  const real = findings.filter(({ severity }) => severity !== 'note').length
  terminal.print(
    real === 0
      ? `${paint('green', 'nothing was found')}: what arrives, only holdfast doctor URL can see`
      : `${paint('red', 'something is to be mended')}: ${real} ${real === 1 ? 'place' : 'places'}`,
  )
}

function placeText({ file, line }: { readonly file: string; readonly line: number }, { folder }: Terminal): string {
  const short = relative(folder, file)
  return `${short.startsWith('..') ? file : short}:${line}`
}

const rank = { fault: 0, warning: 1, note: 2 } as const
const languages: readonly ProxyLanguage[] = ['nginx', 'haproxy', 'apache', 'caddy', 'traefik', 'envoy']
const byWords: readonly { readonly language: ProxyLanguage; readonly words: readonly RegExp[] }[] = [
  { language: 'envoy', words: [/DownstreamTlsContext|http_connection_manager|static_resources\s*:/] },
  { language: 'traefik', words: [/clientAuthType|passTLSClientCert|entryPoints\s*:|^http:\s*$[^]*routers\s*:/m] },
  { language: 'apache', words: [/^[\t ]*<VirtualHost\b|^[\t ]*(Listen|LoadModule|IncludeOptional)\s/im] },
  {
    language: 'haproxy',
    words: [/^[\t ]*(frontend|backend|listen|defaults)\b[^{;\n]*$/m, /^[\t ]*(bind|server|mode)[\t ]/m],
  },
  { language: 'nginx', words: [/^[\t ]*(server|http|events|upstream)\b[^;{]{0,200}\{/m] },
  { language: 'caddy', words: [/\breverse_proxy\b|\bclient_auth\b/] },
]
