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
  /** Whether a recovery code may be used instead; `tried`: it was, and the error is about it. */
  readonly recovery: 'no' | 'offered' | 'tried'
  readonly error?: { readonly key: TextKey; readonly values?: Readonly<Record<string, string>> }
}

/** The code of an authenticator app, after the password. */
export function secondFactorPage(context: PageContext, model: SecondFactorPage): string {
  const { texts } = context.language
  const error = model.error && say(texts, model.error.key, model.error.values)
  const wrong = html` aria-invalid="true" aria-describedby="error-text"`
  const tried = model.recovery === 'tried'
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
            ${!tried && html` autofocus`}${error !== undefined && !tried && wrong}
          />
        </p>
        <p class="buttons"><button id="submit" name="action" value="code">${texts['factor-submit']}</button></p>
        <p class="buttons">
          <button id="cancel" name="action" value="cancel" class="quiet" formnovalidate>${texts.cancel}</button>
        </p>`,
    )}
    ${
      model.recovery !== 'no' &&
      html`<details id="recovery-part" ${tried && html` open`}>
        <summary id="recovery-open">${texts['factor-recovery-open']}</summary>
        ${postForm(
          context,
          'recovery',
          model.action,
          html`<input type="hidden" name="ticket" value="${model.ticket}" />
            <input type="hidden" name="pending" value="${model.pending}" />
            <p class="field">
              <label for="recovery-code">${texts['factor-recovery']}</label>
              <input
                id="recovery-code"
                name="recovery"
                type="text"
                autocomplete="off"
                autocapitalize="characters"
                spellcheck="false"
                maxlength="64"
                required${tried && html` autofocus`}${tried && error !== undefined && wrong}
              />
            </p>
            <p class="buttons">
              <button id="submit-recovery" name="action" value="recovery" class="second">
                ${texts['factor-submit']}
              </button>
            </p>`,
        )}
      </details>`
    }`
  return frame(context, { title: texts['factor-title'], body })
}
