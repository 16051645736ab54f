/** An element with attributes and children; a text is escaped. */
export type XmlNode =
  | {
      readonly name: string
      readonly attributes: Readonly<Record<string, string>>
      readonly children: readonly XmlNode[]
    }
  | string

export function element(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly XmlNode[] = [],
): XmlNode {
  return { name, attributes, children }
}

/** An XML document below a comment. */
export function xmlText(comment: readonly string[], root: XmlNode, declaration: 'declared' | 'bare'): string {
  const lines = comment.map((line) => (line === '' ? '\n' : `  ${line.replaceAll('--', '- -')}\n`)).join('')
  return `${declaration === 'declared' ? '<?xml version="1.0" encoding="utf-8"?>\n' : ''}<!--\n${lines}-->\n${print(root, '')}`
}

function print(node: XmlNode, indent: string): string {
  if (typeof node === 'string') return `${indent}${escape(node)}\n`
  const attributes = Object.entries(node.attributes)
    .map(([key, value]) => ` ${key}="${escape(value)}"`)
    .join('')
  const [only] = node.children
  if (only === undefined) return `${indent}<${node.name}${attributes} />\n`
  if (typeof only === 'string' && node.children.length === 1)
    return `${indent}<${node.name}${attributes}>${escape(only)}</${node.name}>\n`
  return `${indent}<${node.name}${attributes}>\n${node.children.map((child) => print(child, `${indent}  `)).join('')}${indent}</${node.name}>\n`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
