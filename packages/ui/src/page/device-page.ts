import { errorNote, frame, postForm } from '../frame.ts'
import type { PageContext } from '../frame.ts'
import { html } from '../html.ts'
import type { TextKey } from '../text/en.ts'
import { say } from '../text/say.ts'
import { askedList } from './asked-view.ts'
import type { AskedView } from './asked-view.ts'
import { clientName } from './client-view.ts'
import type { ClientView } from './client-view.ts'

export type DevicePage =
  /** Asks for the code (RFC 8628 §3.3). */
  | { readonly step: 'code'; readonly code?: string; readonly error?: TextKey }
  /** Asks whether this is the device in front of the person, also where the code came with the address (§3.3.1). */
  | {
      readonly step: 'confirm'
      readonly code: string
      readonly client: ClientView
      readonly asked: AskedView
      readonly person: string
    }
  | { readonly step: 'allowed' | 'denied' }

/** Where a device without keyboard is connected. */
export function devicePage(context: PageContext, model: DevicePage): string {
  const { texts } = context.language
  if (model.step === 'code') {
    const error = model.error && html`${texts[model.error]}`
    const state = error === undefined ? html`` : html` aria-invalid="true" aria-describedby="error-text"`
    const body = html`<p>${texts['device-intro']}</p>
      ${errorNote(context, error)}
      ${postForm(
        context,
        'device',
        '/device',
        html`<p class="field">
            <label for="user_code">${texts['device-code']}</label>
            <input
              id="user_code"
              name="user_code"
              type="text"
              autocomplete="off"
              autocapitalize="characters"
              spellcheck="false"
              maxlength="40"
              value="${model.code ?? ''}"
              required
              autofocus${state}
            />
          </p>
          <p class="buttons"><button id="submit" name="action" value="code">${texts['device-submit']}</button></p>`,
      )}`
    return frame(context, { title: texts['device-title'], body })
  }
  if (model.step !== 'confirm')
    return frame(context, {
      title: texts[`device-${model.step}-title`],
      body: html`<p id="${model.step}" role="status">${texts[`device-${model.step}`]}</p>`,
    })
  const { client, code, asked, person } = model
  const body = html`<p id="person">${say(texts, 'consent-as', { name: html`<bdi>${person}</bdi>` })}</p>
    <p id="client">
      ${say(texts, 'device-confirm', { client: clientName(client), code: html`<strong class="code" id="shown-code">${code}</strong>` })}
    </p>
    ${postForm(
      context,
      'device',
      '/device',
      html`<input type="hidden" name="user_code" value="${code}" />
        ${askedList(asked, texts)}
        <p class="note warning" id="warning">${texts['device-warning']}</p>
        <p class="buttons">
          <button id="allow" name="action" value="allow">${texts['device-allow']}</button>
          <button id="deny" name="action" value="deny" class="second">${texts['device-deny']}</button>
        </p>`,
    )}`
  return frame(context, { title: texts['device-confirm-title'], body })
}
