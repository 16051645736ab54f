/** Sections of lines, for syntaxes that know nothing deeper: HAProxy, Caddy's blocks are nested sections. */
export type LineNode =
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'blank' }
  | { readonly kind: 'line'; readonly words: readonly string[] }
  | { readonly kind: 'section'; readonly words: readonly string[]; readonly body: readonly LineNode[] }

export function line(...words: readonly string[]): LineNode {
  return { kind: 'line', words }
}

export function section(words: readonly string[], body: readonly LineNode[]): LineNode {
  return { kind: 'section', words, body }
}

export function comment(text: string): LineNode {
  return { kind: 'comment', text }
}

export const blank: LineNode = { kind: 'blank' }

/** How one syntax writes a word that is not bare, and what opens and closes a section. */
export interface LineDialect {
  readonly quote: (word: string) => string
  readonly open: (words: string) => string
  readonly close: (name: string) => string | undefined
}

export const haproxyDialect: LineDialect = {
  // Within double quotes HAProxy expands $VARIABLES; within single quotes it takes everything as it stands.
  quote: (word) =>
    /^(?:!?[{}]|[A-Za-z0-9_.,:/@=*%[\]()+!?^<>-]+)$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  open: (words) => words,
  close: () => undefined,
}

export const caddyDialect: LineDialect = {
  quote: (word) =>
    /^(?:\([a-z_]+\)|[A-Za-z0-9_.,:/@=*+!?<>-]+)$/.test(word) ? word : `"${word.replaceAll(/["\\]/g, '\\$&')}"`,
  open: (words) => (words === '' ? '{' : `${words} {`),
  close: () => '}',
}

export const apacheDialect: LineDialect = {
  quote: (word) => (/^[A-Za-z0-9_.,:/@=*+!?-]+$/.test(word) ? word : `"${word.replaceAll(/["\\]/g, '\\$&')}"`),
  open: (words) => `<${words}>`,
  close: (name) => `</${name}>`,
}

/** The text of a configuration in a dialect: indentation and quoting live here and nowhere else. */
export function lineText(dialect: LineDialect, nodes: readonly LineNode[], unit: string = '  '): string {
  const print = (node: LineNode, indent: string): string => {
    switch (node.kind) {
      case 'blank':
        return '\n'
      case 'comment':
        return `${indent}#${node.text === '' ? '' : ` ${oneLine(node.text)}`}\n`
      case 'line':
        return `${indent}${words(dialect, node.words)}\n`
      case 'section': {
        const body = node.body.map((child) => print(child, `${indent}${unit}`)).join('')
        const close = dialect.close(node.words[0] ?? '')
        return `${indent}${dialect.open(words(dialect, node.words))}\n${body}${close === undefined ? '' : `${indent}${close}\n`}`
      }
    }
  }
  return nodes.map((node) => print(node, '')).join('')
}

function words(dialect: LineDialect, all: readonly string[]): string {
  return all.map((word) => dialect.quote(oneLine(word))).join(' ')
}

function oneLine(text: string): string {
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new TypeError('a control character in a generated configuration')
  return text
}
