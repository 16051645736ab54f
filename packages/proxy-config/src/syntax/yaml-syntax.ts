/** Plain data that YAML can say. `undefined` members are left out. */
export type YamlValue =
  string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue | undefined }

/** One or several YAML documents below a comment. */
export function yamlText(comment: readonly string[], documents: readonly YamlValue[]): string {
  const head = comment.map((line) => (line === '' ? '#\n' : `# ${line}\n`)).join('')
  return `${head}\n${documents.map((document) => print(document, '')).join('---\n')}`
}

function print(value: YamlValue, indent: string): string {
  if (isList(value)) return value.map((item) => `${indent}- ${itemText(item, `${indent}  `)}`).join('')
  if (typeof value === 'object')
    return Object.entries(value)
      .filter((member): member is [string, YamlValue] => member[1] !== undefined)
      .map(([key, member]) => `${indent}${scalar(key)}:${memberText(member, indent)}`)
      .join('')
  return `${indent}${scalar(value)}\n`
}

/** What stands after `- `: nested data begins on the same line. */
function itemText(value: YamlValue, indent: string): string {
  if (typeof value !== 'object') return `${scalar(value)}\n`
  return empty(value) ? `${isList(value) ? '[]' : '{}'}\n` : print(value, indent).slice(indent.length)
}

function memberText(value: YamlValue, indent: string): string {
  if (typeof value !== 'object') return ` ${scalar(value)}\n`
  if (empty(value)) return ` ${isList(value) ? '[]' : '{}'}\n`
  return `\n${print(value, `${indent}  `)}`
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value)
  return bare.test(value) && !meaning.test(value) ? value : JSON.stringify(value)
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value)
}

function empty(value: object): boolean {
  return Object.keys(value).length === 0
}

const bare = /^[A-Za-z_/][A-Za-z0-9_./-]*$/
/** Words that YAML readers of one version or another take for something else than text. */
const meaning = /^(?:true|false|null|yes|no|on|off|y|n)$/i
