import { errorNote, frame, postForm } from '../frame.ts'
import type { PageContext } from '../frame.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'
import type { TextKey } from '../text/en.ts'
import { say } from '../text/say.ts'
import { clientLinks, clientName } from './client-view.ts'
import type { ClientView } from './client-view.ts'

export interface LoginPage {
  /** Absent when the person came by himself, to his account. */
  readonly client?: ClientView
  /** Where the form goes, and the ticket that it carries. */
  readonly action: string
  readonly ticket: string
  readonly username?: string
  readonly again: 'yes' | 'no'
  readonly password: 'yes' | 'no'
  /** Options of a WebAuthn request as JSON, where passkeys are on. */
  readonly passkey?: string
  readonly certificate: 'yes' | 'no'
  /** An application of the operator's own. */
  readonly application?: { readonly label: string }
  readonly upstream: readonly { readonly name: string; readonly label: string }[]
  readonly error?: { readonly key: TextKey; readonly values?: Readonly<Record<string, string>> }
}

/** Where a person proves who he is. */
export function loginPage(context: PageContext, model: LoginPage): string {
  const { texts } = context.language
  const { client } = model
  const error = model.error && say(texts, model.error.key, model.error.values)
  const body = html`${client !== undefined && html`<p id="client">${say(texts, 'login-to', { client: clientName(client) })}</p>`}
  ${model.again === 'yes' && html`<p id="again">${texts['login-again']}</p>`} ${errorNote(context, error)}
  ${postForm(
    context,
    'login',
    model.action,
    html`<input type="hidden" name="ticket" value="${model.ticket}" />
      ${model.password === 'yes' && passwordFields(context, model, error !== undefined)} ${otherWays(context, model)}
      ${client !== undefined && cancelButton(context)}`,
  )}
  ${client !== undefined && clientLinks(client, texts)}`
  return frame(context, {
    title: texts['login-title'],
    body,
    ...(model.passkey === undefined ? {} : { script: 'passkey' }),
  })
}

function passwordFields({ language: { texts } }: PageContext, model: LoginPage, wrong: boolean): Html {
  const state = wrong ? html` aria-invalid="true" aria-describedby="error-text"` : html``
  const passkeys = model.passkey === undefined ? '' : ' webauthn'
  const known = model.username !== undefined && model.username !== ''
  return html`<p class="field">
      <label for="username">${texts.username}</label>
      <input
        id="username"
        name="username"
        type="text"
        autocomplete="username${passkeys}"
        autocapitalize="none"
        spellcheck="false"
        maxlength="320"
        value="${model.username ?? ''}"
        required${state}${!known && html` autofocus`}
      />
    </p>
    <p class="field">
      <label for="password">${texts.password}</label>
      <input
        id="password"
        name="password"
        type="password"
        autocomplete="current-password"
        maxlength="1024"
        required${state}${known && html` autofocus`}
      />
    </p>
    <p class="buttons"><button id="submit" name="action" value="password">${texts['login-submit']}</button></p>`
}

function otherWays({ language: { texts } }: PageContext, model: LoginPage): Html {
  const { upstream, certificate, passkey, application } = model
  const other = upstream.length > 0 || application !== undefined || certificate === 'yes' || passkey !== undefined
  if (!other) return html``
  return html`<div class="ways">
    ${model.password === 'yes' && html`<p class="or" aria-hidden="true">${texts.or}</p>`}
    ${
      passkey !== undefined &&
      html`<p class="buttons" id="passkey-part" hidden data-options="${passkey}">
          <input type="hidden" name="passkey" id="passkey-answer" value="" />
          <button id="passkey" type="button" class="second">${texts['login-passkey']}</button>
        </p>
        <p id="passkey-failed" class="note error" role="alert" hidden>${texts['login-passkey-failed']}</p>`
    }
    ${
      certificate === 'yes' &&
      html`<p class="buttons">
        <button id="certificate" name="action" value="certificate" class="second" formnovalidate>
          ${texts['login-certificate']}
        </button>
      </p>`
    }
    ${
      application !== undefined &&
      html`<p class="buttons">
        <button id="application" name="action" value="application" class="second" formnovalidate>
          ${say(texts, 'login-upstream', { provider: application.label })}
        </button>
      </p>`
    }
    ${upstream.map(
      ({ name, label }) =>
        html`<p class="buttons">
          <button id="upstream-${name}" name="action" value="upstream:${name}" class="second" formnovalidate>
            ${say(texts, 'login-upstream', { provider: label })}
          </button>
        </p>`,
    )}
  </div>`
}

function cancelButton({ language: { texts } }: PageContext): Html {
  return html`<p class="buttons">
    <button id="cancel" name="action" value="cancel" class="quiet" formnovalidate>${texts.cancel}</button>
  </p>`
}
