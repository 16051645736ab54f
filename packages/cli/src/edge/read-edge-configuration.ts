import { readDocument } from '@holdfast/server'
import type { ConfigurationProblem } from '@holdfast/server'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { problemsText } from '../check/problem-text.ts'
import { CommandError } from '../command-error.ts'
import type { EdgeOptions } from '../program/edge.ts'
import type { Terminal } from '../terminal.ts'
import type { EdgeConfiguration } from './edge-configuration.ts'
import { resolveEdge } from './resolve-edge.ts'

/** What the flags or the file say; their problems end the command. */
export function readEdgeConfiguration(options: EdgeOptions, terminal: Terminal): EdgeConfiguration {
  const flags = Object.entries(flagNames).filter(([option]) => options[option as keyof EdgeOptions] !== undefined)
  if (options.config === undefined) return fromFlags(options, terminal)
  if (flags.length > 0) {
    throw new CommandError('wrong_use', `--config says everything, so ${flags[0]?.[1] ?? ''} has no place beside it`)
  }
  const path = resolve(terminal.folder, options.config)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new CommandError('wrong_use', `${options.config} cannot be read`, { cause: error })
  }
  const document = readDocument(text)
  if (document.problems.length > 0) throw notRight(document.problems, options.config)
  const resolved = resolveEdge(document.data, dirname(path), (at) => document.lineOf(at))
  if (!resolved.ok) throw notRight(resolved.problems, options.config)
  return resolved.value
}

function fromFlags(options: EdgeOptions, terminal: Terminal): EdgeConfiguration {
  for (const [option, flag] of Object.entries(flagNames)) {
    if (!needed.has(option) || options[option as keyof EdgeOptions] !== undefined) continue
    throw new CommandError('wrong_use', `${flag} is missing`, { hint: 'or --config FILE; see holdfast edge --help' })
  }
  if (options.main === undefined && options.mtls === undefined) {
    throw new CommandError('wrong_use', 'there is no name to serve', {
      hint: '--main for people, --mtls for certificates',
    })
  }
  const data = {
    listen: options.listen ?? [':443'],
    tls: { certificate: options.tlsCert, key: options.tlsKey },
    hosts: {
      ...(options.main === undefined ? {} : { [options.main.toLowerCase()]: { role: 'main' } }),
      ...(options.mtls === undefined ? {} : { [options.mtls.toLowerCase()]: { role: 'mtls' } }),
    },
    upstream: {
      url: options.upstream,
      ...(options.secretFile === undefined ? {} : { 'secret-file': options.secretFile }),
    },
    ...(options.header === undefined ? {} : { header: options.header }),
  }
  const resolved = resolveEdge(data, terminal.folder, () => undefined)
  if (resolved.ok) return resolved.value
  throw notRight(resolved.problems, 'flags')
}

function notRight(problems: readonly ConfigurationProblem[], name: string): CommandError {
  return new CommandError('wrong_use', `the configuration is not right\n${problemsText(problems, name).join('\n')}`)
}

const flagNames: Readonly<Record<string, string>> = {
  listen: '--listen',
  main: '--main',
  mtls: '--mtls',
  tlsCert: '--tls-cert',
  tlsKey: '--tls-key',
  upstream: '--upstream',
  header: '--header',
  secretFile: '--secret-file',
}
const needed: ReadonlySet<string> = new Set(['tlsCert', 'tlsKey', 'upstream'])
