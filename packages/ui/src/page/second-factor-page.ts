import { errorNote, frame, postForm } from '../frame.ts'
import type { PageContext } from '../frame.ts'
import { html } from '../html.ts'
import type { TextKey } from '../text/en.ts'
import { say } from '../text/say.ts'

export interface SecondFactorPage {
  readonly action: string
  readonly ticket: string
  /** Says that the first step is done, and by whom. */
  readonly pending: string
  readonly error?: { readonly key: TextKey; readonly values?: Readonly<Record<string, string>> }
}

/** The code of an authenticator app, after the password. */
export function secondFactorPage(context: PageContext, model: SecondFactorPage): string {
  const { texts } = context.language
  const error = model.error && say(texts, model.error.key, model.error.values)
  const state = error === undefined ? html`` : html` aria-invalid="true" aria-describedby="error-text"`
  const body = html`<p>${texts['factor-intro']}</p>
    ${errorNote(context, error)}
    ${postForm(
      context,
      'second-factor',
      model.action,
      html`<input type="hidden" name="ticket" value="${model.ticket}" />
        <input type="hidden" name="pending" value="${model.pending}" />
        <p class="field">
          <label for="code">${texts['factor-code']}</label>
          <input
            id="code"
            name="code"
            type="text"
            inputmode="numeric"
            autocomplete="one-time-code"
            pattern="[0-9 ]*"
            maxlength="12"
            required
            autofocus${state}
          />
        </p>
        <p class="buttons"><button id="submit" name="action" value="code">${texts['factor-submit']}</button></p>
        <p class="buttons">
          <button id="cancel" name="action" value="cancel" class="quiet" formnovalidate>${texts.cancel}</button>
        </p>`,
    )}`
  return frame(context, { title: texts['factor-title'], body })
}
