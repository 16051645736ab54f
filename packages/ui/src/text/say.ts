import { html } from '../html.ts'
import type { Html, HtmlValue } from '../html.ts'
import type { TextKey, Texts } from './en.ts'

/** One sentence with its gaps filled; what is filled in is escaped unless it is markup of ours. */
export function say(texts: Texts, key: TextKey, values: Readonly<Record<string, HtmlValue>> = {}): Html {
  const parts = texts[key].split(/\{([a-z]+)\}/)
  return html`${parts.map((part, at) => (at % 2 === 0 ? part : values[part]))}`
}
