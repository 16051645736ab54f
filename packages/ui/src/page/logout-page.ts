import { frame, postForm } from '../frame.ts'
import type { PageContext } from '../frame.ts'
import { html } from '../html.ts'
import { say } from '../text/say.ts'
import { clientName } from './client-view.ts'
import type { ClientView } from './client-view.ts'

export type LogoutPage =
  | {
      readonly step: 'ask'
      readonly person: string
      readonly client?: ClientView
      /** Carried through: what the request asked for, sealed. */
      readonly ticket: string
    }
  | {
      readonly step: 'done'
      /** The registered address to go back to, where there is one. */
      readonly back?: { readonly href: string; readonly client: ClientView }
      readonly told: 'yes' | 'no'
    }
  | { readonly step: 'stayed' }

/** RP-initiated logout, and logout by the person himself. */
export function logoutPage(context: PageContext, model: LogoutPage): string {
  const { texts } = context.language
  if (model.step === 'stayed') return frame(context, { title: texts['stayed-title'], body: html`` })
  if (model.step === 'done')
    return frame(context, {
      title: texts['logged-out-title'],
      body: html`${model.told === 'yes' && html`<p id="told">${texts['logged-out-told']}</p>`}
      ${
        model.back === undefined
          ? html`<p id="close">${texts['logged-out']}</p>`
          : html`<p>
              <a id="back" class="button" href="${model.back.href}"
                >${say(texts, 'logged-out-continue', { client: clientName(model.back.client) })}</a
              >
            </p>`
      }`,
    })
  const { person, client, ticket } = model
  const body = html`<p id="person">${say(texts, 'logout-intro', { name: html`<bdi>${person}</bdi>` })}</p>
    ${client !== undefined && html`<p id="client">${say(texts, 'logout-client', { client: clientName(client) })}</p>`}
    ${postForm(
      context,
      'logout',
      '/logout/confirm',
      html`<input type="hidden" name="ticket" value="${ticket}" />
        <p class="buttons">
          <button id="submit" name="action" value="logout">${texts['logout-submit']}</button>
          <button id="stay" name="action" value="stay" class="second">${texts['logout-stay']}</button>
        </p>`,
    )}`
  return frame(context, { title: texts['logout-title'], body })
}
