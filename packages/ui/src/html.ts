import { htmlEscape } from 'escape-goat'

/** Markup that is safe to send: made by {@link html} alone, or vouched for by the operator ({@link trustedHtml}). */
export class Html {
  readonly #text: string

  /** Use {@link html}. */
  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

export type HtmlValue = Html | string | number | undefined | false | readonly HtmlValue[]

/**
 * Markup with values in it. Every value that is not {@link Html} itself is escaped, for content and for quoted attributes alike;
 * `undefined` and `false` leave nothing. Attributes in a template are always quoted.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = parts[0] ?? ''
  values.forEach((value, at) => {
    text += markup(value) + (parts[at + 1] ?? '')
  })
  return new Html(text)
}

/** Markup out of a file of the operator. */
export function trustedHtml(text: string): Html {
  return new Html(text)
}

function markup(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  if (Array.isArray(value)) return (value as readonly HtmlValue[]).map(markup).join('')
  return htmlEscape(String(value))
}
