import { doneNote, errorNote, frame, postForm } from '../frame.ts'
import type { PageContext } from '../frame.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'
import type { TextKey } from '../text/en.ts'
import { say } from '../text/say.ts'
import { askedList } from './asked-view.ts'
import type { AskedView } from './asked-view.ts'
import { clientName } from './client-view.ts'
import type { ClientView } from './client-view.ts'

export interface ApprovalPage {
  readonly waiting: readonly Waiting[]
  readonly person: string
  readonly done?: TextKey
  readonly error?: TextKey
}

export interface Waiting {
  readonly id: string
  readonly client: ClientView
  readonly asked: AskedView
  /** OpenID CIBA §7.1 `binding_message`. */
  readonly bindingMessage?: string
  /** Epoch seconds. */
  readonly until: number
}

/** Where a person approves what a client asked for over another channel (OpenID CIBA). */
export function approvalPage(context: PageContext, { waiting, person, done, error }: ApprovalPage): string {
  const { texts } = context.language
  const body = html`<p id="person">${say(texts, 'consent-as', { name: html`<bdi>${person}</bdi>` })}</p>
    ${doneNote(done && html`${texts[done]}`)} ${errorNote(context, error && html`${texts[error]}`)}
    ${waiting.length === 0 && html`<p id="none">${texts['approval-none']}</p>`}
    ${waiting.map((one, at) => item(context, one, at + 1))}`
  return frame(context, { title: texts['approval-title'], body })
}

function item(context: PageContext, one: Waiting, at: number): Html {
  const { texts, tag } = context.language
  return html`<div class="item" role="group" id="waiting-${at}" aria-labelledby="waiting-${at}-client">
    <h2 id="waiting-${at}-client">${say(texts, 'approval-one', { client: clientName(one.client) })}</h2>
    ${
      one.bindingMessage !== undefined &&
      html`<p class="binding-message">
        ${say(texts, 'approval-message', { message: html`<strong><bdi>${one.bindingMessage}</bdi></strong>` })}
      </p>`
    }
    ${askedList(one.asked, texts, `waiting-${at}-`)}
    <p class="small">${say(texts, 'approval-until', { time: moment(one.until, tag) })}</p>
    <p class="note warning">${texts['approval-warning']}</p>
    ${postForm(
      context,
      `approval-${at}`,
      '/approve',
      html`<input type="hidden" name="id" value="${one.id}" />
        <p class="buttons">
          <button id="allow-${at}" name="action" value="allow" aria-describedby="waiting-${at}-client">
            ${texts['approval-allow']}
          </button>
          <button id="deny-${at}" name="action" value="deny" class="second" aria-describedby="waiting-${at}-client">
            ${texts['approval-deny']}
          </button>
        </p>`,
    )}
  </div>`
}

/** A time that machines can read, too; in UTC, because a server does not know where the person is. */
export function moment(seconds: number, tag: string): Html {
  const date = new Date(seconds * 1000)
  const text = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(date)
  return html`<time datetime="${date.toISOString()}">${text} UTC</time>`
}
