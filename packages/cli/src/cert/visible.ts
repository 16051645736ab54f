/**
 * Makes every character of foreign text visible: control and formatting characters become `\u{1b}`.
 *
 * Goes through plain data to any depth, so that a certificate cannot steer the terminal on which it is shown.
 */
export function visible<Value>(value: Value): Value
export function visible(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(invisible, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
  }
  if (Array.isArray(value)) return value.map((item: unknown) => visible(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]: [string, unknown]) => [name, visible(item)]))
}

/** Controls, formatting characters such as those that turn the direction of text, line and paragraph separators. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
