import type { PathTrace } from '@holdfast/x509'
import type { Paint } from '../terminal.ts'
import { words } from './words.ts'
import { pathFailureText } from './path-failure-text.ts'

/** The search for a path, as a tree: every certificate it stood at, and what ended it there. */
export function pathTree(trace: PathTrace, paint: Paint): readonly string[] {
  return [node(trace, paint), ...branches(trace.tried, '', paint)]
}

function branches(traces: readonly PathTrace[], indentation: string, paint: Paint): string[] {
  return traces.flatMap((trace, index) => {
    const last = index === traces.length - 1
    return [
      `${indentation}${last ? '└─' : '├─'} ${node(trace, paint)}`,
      ...branches(trace.tried, `${indentation}${last ? '   ' : '│  '}`, paint),
    ]
  })
}

function node(trace: PathTrace, paint: Paint): string {
  return `${trace.subject === '' ? '(no subject)' : trace.subject} ${paint('dim', `[${sources[trace.source]}]`)}${outcome(trace, paint)}`
}

function outcome({ outcome }: PathTrace, paint: Paint): string {
  if (outcome === undefined) return ''
  switch (outcome.reason) {
    case 'accepted':
      return ` ${paint('green', '✓')}`
    case 'key_identifier_differs':
    case 'already_in_path':
      return ` ${paint('dim', `– ${words(outcome.reason)}`)}`
    default:
      return ` ${paint('red', '✗')} ${pathFailureText(outcome)}`
  }
}

const sources: { readonly [Source in PathTrace['source']]: string } = {
  leaf: 'presented',
  presented: 'came along',
  anchor: 'anchor',
  configured: 'intermediate of the trust',
  learned: 'seen before',
}
