import { dirname, resolve } from 'node:path'
import type { ConfiguredSite, Forward } from './configured-site.ts'
import { type Directive, type Files, named } from './directive.ts'

/** The names of each frontend of HAProxy that ends TLS: one site for each line of its crt-list, or one for the bind line. */
export function haproxySites(directives: readonly Directive[], files: Files): readonly ConfiguredSite[] {
  const global = named(directives, 'global').flatMap(({ children }) => children)
  return [...named(directives, 'frontend'), ...named(directives, 'listen')].flatMap((frontend) =>
    named(frontend.children, 'bind')
      .filter(({ args }) => args.includes('ssl'))
      .flatMap((bind) => sitesOf(frontend, bind, global, files)),
  )
}

function sitesOf(
  frontend: Directive,
  bind: Directive,
  global: readonly Directive[],
  files: Files,
): readonly ConfiguredSite[] {
  const rules = named(frontend.children, 'http-request')
  const ignores = after(bind.args, 'crt-ignore-err') === 'all' && after(bind.args, 'ca-ignore-err') === 'all'
  const options = named(global, 'ssl-default-bind-options').flatMap(({ args }) => args)
  const cache = named(global, 'tune.ssl.cachesize').at(-1)?.args[0]
  const sessionsOff = (options.includes('no-tls-tickets') || bind.args.includes('no-tls-tickets')) && cache === '0'
  const buffer = named(global, 'tune.bufsize').at(-1)
  const small = Number(buffer?.args[0] ?? defaultBuffer) < wantedBuffer
  const answers = rules.some(({ args }) => args.includes('421'))
  return crtLines(bind, files).map(({ words, names, isFirst, line, file }): ConfiguredSite => {
    const verify = after(words, 'verify') ?? 'none'
    const place = { file, line }
    return {
      names,
      ports: [/\d{1,5}$/.exec(bind.args[0] ?? '')?.[0] ?? ''],
      place,
      asks:
        verify === 'none'
          ? undefined
          : {
              how: verify === 'required' ? 'required' : ignores ? 'any' : 'of_a_ca',
              place: ignores ? place : bind.place,
            },
      forwards: [forwardOf(bind, rules)],
      isDefault: isFirst,
      resumes: sessionsOff ? undefined : { place: bind.place },
      misdirected: answers ? 'answered' : 'served',
      badCertificates: 'not_ours',
      tooSmall: small
        ? {
            what: `tune.bufsize is ${buffer?.args[0] ?? `${defaultBuffer} by default`}`,
            place: buffer?.place ?? bind.place,
          }
        : undefined,
      connectionHeader: 'guarded',
      earlyData: bind.args.includes('allow-0rtt') ? bind.place : words.includes('allow-0rtt') ? place : undefined,
    }
  })
}

interface CrtLine {
  readonly words: readonly string[]
  readonly names: readonly string[]
  readonly isFirst: boolean
  readonly file: string
  readonly line: number
}

function crtLines(bind: Directive, files: Files): readonly CrtLine[] {
  const list = after(bind.args, 'crt-list')
  const own = { words: bind.args, names: ['(bind)'], isFirst: true, file: bind.place.file, line: bind.place.line }
  if (list === undefined) return [own]
  const path = resolve(dirname(bind.place.file), list)
  const text = files.read(path)
  if (text === undefined) return [own]
  return text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, number }, index) => ({
      words: [...bind.args, ...(/\[([^\]]*)\]/.exec(line)?.[1] ?? '').split(/\s+/)],
      names: line
        .replace(/\[[^\]]*\]/, '')
        .split(/\s+/)
        .slice(1),
      isFirst: index === 0,
      file: path,
      line: number,
    }))
}

function forwardOf(bind: Directive, rules: readonly Directive[]): Forward {
  const deletes = rules.filter(
    ({ args }) => args[0] === 'del-header' && !args.includes('if') && !args.includes('unless'),
  )
  const how = (rule: Directive): string => after(rule.args, '-m') ?? 'str'
  const of = (method: string): readonly string[] =>
    deletes.filter((rule) => how(rule) === method).map(({ args }) => (args[1] ?? '').toLowerCase())
  return {
    place: bind.place,
    cleared: [...of('str'), ...of('beg').map((name) => `${name}*`)],
    clearedBy: of('reg').flatMap((pattern) => {
      try {
        return [new RegExp(pattern, 'i')]
      } catch {
        return []
      }
    }),
    written: rules
      .filter(({ args }) => args[0] === 'set-header' || args[0] === 'add-header')
      .map(({ args, place }) => ({
        header: (args[1] ?? '').toLowerCase(),
        value: args[2] ?? '',
        place,
        conditional: args.includes('if') || args.includes('unless') ? 'yes' : 'no',
        how: args[0] === 'add-header' ? 'adds' : 'replaces',
      })),
    host: 'handed_on',
  }
}

function after(words: readonly string[], name: string): string | undefined {
  const at = words.lastIndexOf(name)
  return at === -1 ? undefined : words[at + 1]
}

const defaultBuffer = 16_384
/** Base64 of 12 KB and the rest of the request. */
const wantedBuffer = 32_768
