import { frame } from '../frame.ts'
import type { PageContext } from '../frame.ts'
import { html } from '../html.ts'
import { say } from '../text/say.ts'

export interface FormPostPage {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

/** An answer to the client that the browser posts (OAuth 2.0 Form Post Response Mode). A script of ours presses the button where it may. */
export function formPostPage(context: PageContext, { action, fields }: FormPostPage): string {
  const { texts } = context.language
  const host = URL.canParse(action) ? new URL(action).host : action
  const body = html`<p>${say(texts, 'form-post-intro', { client: html`<bdi>${host}</bdi>` })}</p>
    <form id="form-post" method="post" action="${action}">
      ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
      <p class="buttons"><button id="submit" autofocus>${texts.continue}</button></p>
    </form>`
  return frame(context, { title: texts['form-post-title'], body, script: 'form-post' })
}
