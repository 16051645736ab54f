/**
 * Text of any characters as PostgreSQL takes it, which knows no NUL: it is written as two characters that nobody uses, and the
 * first of them likewise, so that different texts stay different.
 */
export function toPostgresText(text: string): string {
  return text.includes('\0') || text.includes(mark)
    ? text.replaceAll(mark, `${mark}1`).replaceAll('\0', `${mark}0`)
    : text
}

/** The text that {@link toPostgresText} was given. */
export function fromPostgresText(text: string): string {
  return text.includes(mark) ? text.replaceAll(`${mark}0`, '\0').replaceAll(`${mark}1`, mark) : text
}

/** The last code point there is; never a character. */
const mark = '\u{10ffff}'
