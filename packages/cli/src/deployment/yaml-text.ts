/**
 * Writes YAML text with comments in it: the template is taken as it stands, every inserted value is written as JSON, which
 * YAML 1.2 contains; plain words stay without quotes. An inserted `YamlText` goes in as it is, with the indentation of its place.
 */
export function yaml(parts: TemplateStringsArray, ...values: readonly YamlValue[]): YamlText {
  let text = parts[0] ?? ''
  values.forEach((value, at) => {
    const indentation = /(?:^|\n)([ ]*)[^\n]*$/.exec(text)?.[1] ?? ''
    text += written(value, indentation) + (parts[at + 1] ?? '')
  })
  return new YamlText(text)
}

export type YamlValue =
  string | number | boolean | YamlText | readonly YamlValue[] | { readonly [key: string]: unknown }

/** Text that is YAML already. */
export class YamlText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

function written(value: YamlValue, indentation: string): string {
  if (value instanceof YamlText) return value.text.replaceAll(/\n(?!\n|$)/g, `\n${indentation}`)
  if (Array.isArray(value) && value.length > 0 && value.every((item) => item instanceof YamlText))
    return value.map((item) => written(item, indentation)).join(`\n${indentation}`)
  if (typeof value === 'string' && plainScalar.test(value) && !otherTypes.test(value)) return value
  return JSON.stringify(value)
}

/** No character that means something in YAML, in block or in flow; `:` only inside a word. */
const plainScalar = /^(?:\.{0,2}\/|[A-Za-z])[A-Za-z0-9._/+-]*(?::[A-Za-z0-9._/+-]+)*$/

/** Words that YAML 1.1 or 1.2 reads as another type. */
const otherTypes = /^(?:true|false|null|yes|no|on|off|y|n)$/i
