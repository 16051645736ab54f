/** One piece of an nginx configuration. */
export type NginxNode =
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'blank' }
  | { readonly kind: 'directive'; readonly words: readonly string[] }
  | { readonly kind: 'block'; readonly words: readonly string[]; readonly body: readonly NginxNode[] }

export function directive(...words: readonly string[]): NginxNode {
  return { kind: 'directive', words }
}

export function block(words: readonly string[], body: readonly NginxNode[]): NginxNode {
  return { kind: 'block', words, body }
}

export function comment(text: string): NginxNode {
  return { kind: 'comment', text }
}

export const blank: NginxNode = { kind: 'blank' }

/** The text of an nginx configuration: indentation and quoting live here and nowhere else. */
export function nginxText(nodes: readonly NginxNode[]): string {
  return nodes.map((node) => print(node, '')).join('')
}

function print(node: NginxNode, indent: string): string {
  switch (node.kind) {
    case 'blank':
      return '\n'
    case 'comment':
      return `${indent}#${node.text === '' ? '' : ` ${oneLine(node.text)}`}\n`
    case 'directive':
      return `${indent}${node.words.map(word).join(' ')};\n`
    case 'block':
      return `${indent}${node.words.map(word).join(' ')} {\n${node.body.map((child) => print(child, `${indent}  `)).join('')}${indent}}\n`
  }
}

function word(text: string): string {
  const safe = oneLine(text)
  return bare.test(safe) ? safe : `"${safe.replaceAll(/["\\]/g, '\\$&')}"`
}

function oneLine(text: string): string {
  // Not for what users write, which is refused long before: a generator that did this would be wrong.
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new TypeError('a control character in a generated configuration')
  return text
}

const bare = /^[A-Za-z0-9_.,:/@$=*~^|()+!?[\]-]+$/
