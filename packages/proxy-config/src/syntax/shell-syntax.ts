/** A command of a shell script: words, each quoted by itself; `variable` words stay expansions. */
export type ShellWord = string | { readonly variable: string }
export type ShellNode = { readonly comment: string } | { readonly words: readonly ShellWord[] }

export function command(...words: readonly ShellWord[]): ShellNode {
  return { words }
}

export function remark(comment: string): ShellNode {
  return { comment }
}

export function variable(name: string): ShellWord {
  return { variable: name }
}

/** A script for `sh` below a comment; it ends at the first failure and at a variable that is not set. */
export function shellText(comment: readonly string[], nodes: readonly ShellNode[]): string {
  const head = comment.map((line) => (line === '' ? '#\n' : `# ${line}\n`)).join('')
  return `#!/bin/sh\n${head}set -eu\n\n${nodes.map(print).join('')}`
}

function print(node: ShellNode): string {
  if ('comment' in node) return `# ${node.comment}\n`
  return `${node.words.map((word) => (typeof word === 'string' ? quote(word) : `"$${word.variable}"`)).join(' ')}\n`
}

function quote(word: string): string {
  return /^[A-Za-z0-9_.,:/@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
