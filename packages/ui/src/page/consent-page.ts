import { frame, postForm } from '../frame.ts'
import type { PageContext } from '../frame.ts'
import { html } from '../html.ts'
import { say } from '../text/say.ts'
import { askedList } from './asked-view.ts'
import type { AskedView } from './asked-view.ts'
import { clientLinks, clientName } from './client-view.ts'
import type { ClientView } from './client-view.ts'

export interface ConsentPage {
  readonly client: ClientView
  readonly asked: AskedView
  /** Who is logged in, by his name. */
  readonly person: string
  readonly action: string
  readonly ticket: string
}

/** Where a person allows a client something, or does not. */
export function consentPage(context: PageContext, model: ConsentPage): string {
  const { texts } = context.language
  const { client, asked } = model
  const nothing = asked.scope.length === 0 && asked.details.length === 0
  const body = html`<p id="person">${say(texts, 'consent-as', { name: html`<bdi>${model.person}</bdi>` })}</p>
    <p id="client">${say(texts, nothing ? 'consent-nothing' : 'consent-intro', { client: clientName(client) })}</p>
    ${postForm(
      context,
      'consent',
      model.action,
      html`<input type="hidden" name="ticket" value="${model.ticket}" />
        ${askedList(asked, texts)}
        <p class="small">${texts['consent-later']}</p>
        <p class="buttons">
          <button id="allow" name="action" value="allow">${texts['consent-allow']}</button>
          <button id="deny" name="action" value="deny" class="second">${texts['consent-deny']}</button>
        </p>`,
    )}
    ${clientLinks(client, texts)}`
  return frame(context, { title: texts['consent-title'], body })
}
