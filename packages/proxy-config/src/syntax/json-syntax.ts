import type { YamlValue } from './yaml-syntax.ts'

/** JSON below `//` comments, as ASP.NET Core and others read it. */
export function jsonWithComments(comment: readonly string[], value: YamlValue): string {
  return `${comment.map((line) => (line === '' ? '//\n' : `// ${line}\n`)).join('')}${JSON.stringify(value, undefined, 2)}\n`
}
