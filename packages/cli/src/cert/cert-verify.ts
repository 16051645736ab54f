import {
  type AnchorFailure,
  type AnchorSet,
  createAnchorSet,
  explainPath,
  formatDistinguishedName,
  type PathFailure,
  type ValidatedPath,
} from '@holdfast/x509'
import { CommandError } from '../command-error.ts'
import { pathFailureText } from '../explain/path-failure-text.ts'
import { pathTree } from '../explain/path-tree.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { instantText } from './instant.ts'
import type { Making } from './making.ts'
import { readCertificates } from './read-certificates.ts'
import { visible } from './visible.ts'

export interface CertVerifyOptions {
  readonly anchor: readonly string[]
  readonly intermediate?: readonly string[]
  readonly purpose: 'client' | 'server'
  readonly profile: 'interop' | 'strict'
  readonly at?: number
  readonly trace?: boolean
}

/** Says whether the anchors vouch for the first certificate of a file, and by which path, or which rule ended the search. */
export function certVerify(file: string, options: CertVerifyOptions, terminal: Terminal, making: Making): ExitCode {
  const now = options.at ?? making.now()
  const [leaf, ...untrusted] = readCertificates(file, terminal)
  const { result, trace } = explainPath(leaf, untrusted, anchorSet(options, terminal), { now })
  if (terminal.json) {
    const facts = result.ok ? { valid: true, ...pathFacts(result.value) } : { valid: false, ...result.failure }
    terminal.printJson(options.trace === true ? { ...facts, trace } : facts)
    return result.ok ? 0 : 1
  }
  if (result.ok) printPath(visible(pathFacts(result.value)), terminal)
  else printFailure(visible(result.failure), terminal)
  if (options.trace === true || !result.ok) {
    terminal.print()
    for (const line of pathTree(visible(trace), terminal.paint)) terminal.print(line)
  }
  if (!result.ok && leaf.subject.canonical === leaf.issuer.canonical) {
    terminal.note('a certificate that signed itself is known by its thumbprint, not by a path: see holdfast cert jwks')
  }
  return result.ok ? 0 : 1
}

function printFailure(failure: PathFailure, terminal: Terminal): void {
  terminal.print(`${terminal.paint('red', 'not valid')}  ${pathFailureText(failure)}`)
  const index = 'index' in failure ? `, certificate ${failure.index}` : ''
  terminal.print(`${terminal.paint('dim', 'reason')}     ${failure.reason}${index}`)
}

function anchorSet(options: CertVerifyOptions, terminal: Terminal): AnchorSet {
  const octets = (files: readonly string[]): Uint8Array[] =>
    files.flatMap((file) => readCertificates(file, terminal).map(({ der }) => der))
  const set = createAnchorSet({
    name: 'given',
    anchors: octets(options.anchor),
    intermediates: octets(options.intermediate ?? []),
    profile: options.profile,
    ...(options.purpose === 'server' ? { purpose: serverAuth } : {}),
  })
  if (set.ok) return set.value
  throw new CommandError('wrong_use', anchorFailureText(set.failure))
}

function anchorFailureText(failure: AnchorFailure): string {
  const which = 'list' in failure ? `certificate ${failure.index} of the ${failure.list}` : 'the anchors'
  return `${which} cannot be used: ${failure.reason.replaceAll('_', ' ')}`
}

function pathFacts(path: ValidatedPath): { validUntil: string; path: string[]; anchor: string } {
  return {
    validUntil: instantText(path.validUntil),
    path: path.certificates.map(({ subject }) => formatDistinguishedName(subject)),
    anchor: formatDistinguishedName(path.anchor.subject),
  }
}

function printPath(facts: ReturnType<typeof pathFacts>, terminal: Terminal): void {
  terminal.print(`${terminal.paint('green', 'valid')}  until ${facts.validUntil}`)
  const names = [...facts.path, facts.anchor]
  for (const [index, name] of names.entries()) {
    const role = index === names.length - 1 ? 'anchor' : String(index)
    terminal.print(`${terminal.paint('dim', role.padStart(6))}  ${name}`)
  }
}

const serverAuth = '1.3.6.1.5.5.7.3.1'
