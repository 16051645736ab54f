import { frame } from '../frame.ts'
import type { PageContext } from '../frame.ts'
import { html } from '../html.ts'
import type { TextKey } from '../text/en.ts'
import { say } from '../text/say.ts'

export interface ErrorPage {
  readonly what: Extract<TextKey, `error-${string}`>
  readonly reference: string
  /** The wire's code, such as `invalid_request`, for the makers of the application. */
  readonly code?: string
  readonly description?: string
}

/** Told to the person when nothing may be told to the client: it leads nowhere. */
export function errorPage(context: PageContext, { what, reference, code, description }: ErrorPage): string {
  const { texts } = context.language
  const body = html`<p id="error-text" role="alert">${texts[what]}</p>
    ${code !== undefined && html`<p class="small" lang="en" dir="ltr"><code id="error-code">${code}</code> ${description}</p>`}
    <p class="small" id="reference">${say(texts, 'reference', { reference: html`<code>${reference}</code>` })}</p>`
  return frame(context, { title: texts['error-title'], body })
}
