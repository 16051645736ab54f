/** Statements and blocks in curly braces, for VCL and Tcl. */
export type CurlyNode =
  | { readonly comment: string }
  | { readonly statement: string }
  | { readonly head: string; readonly body: readonly CurlyNode[] }

export function statement(text: string): CurlyNode {
  return { statement: text }
}

export function braces(head: string, body: readonly CurlyNode[]): CurlyNode {
  return { head, body }
}

export function remark(comment: string): CurlyNode {
  return { comment }
}

/** The text below a comment; `end` closes each statement. */
export function curlyText(comment: readonly string[], nodes: readonly CurlyNode[], end: '' | ';'): string {
  const print = (node: CurlyNode, indent: string): string => {
    if ('comment' in node) return `${indent}# ${node.comment}\n`
    if ('statement' in node) return `${indent}${node.statement}${end}\n`
    return `${indent}${node.head} {\n${node.body.map((child) => print(child, `${indent}  `)).join('')}${indent}}\n`
  }
  const head = comment.map((line) => (line === '' ? '#\n' : `# ${line}\n`)).join('')
  return `${head}\n${nodes.map((node) => print(node, '')).join('')}`
}

/** A text in double quotes, for what was checked to hold none. */
export function quoted(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text) || /["\\$[\]]/.test(text)) throw new TypeError('not plain enough to be quoted')
  return `"${text}"`
}
