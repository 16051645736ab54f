import { doneNote, errorNote, frame, postForm } from '../frame.ts'
import type { PageContext } from '../frame.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'
import type { TextKey } from '../text/en.ts'
import { say } from '../text/say.ts'
import { moment } from './approval-page.ts'
import { askedList } from './asked-view.ts'
import type { AskedView } from './asked-view.ts'
import { clientName, visible } from './client-view.ts'
import type { ClientView } from './client-view.ts'
import { modulePicture } from './module-picture.ts'

export interface AccountPage {
  readonly person: string
  readonly grants: readonly {
    readonly id: string
    readonly client: ClientView
    readonly asked: AskedView
    /** Epoch seconds. */
    readonly since: number
  }[]
  readonly sessions: readonly { readonly id: string; readonly here: 'yes' | 'no'; readonly since: number }[]
  /** Whether something waits on the approval page. */
  readonly waiting: 'yes' | 'no'
  /** Absent for people who are known elsewhere. */
  readonly security?: SecurityView
  readonly done?: TextKey
  readonly error?: { readonly key: TextKey; readonly values?: Readonly<Record<string, string>> }
}

export interface SecurityView {
  readonly password: { readonly change: 'yes' | 'no'; readonly shortest: number }
  readonly totp:
    | { readonly state: 'off' }
    | { readonly state: 'on'; readonly recovery: RecoveryView }
    /** Being set up: `pending` carries the key, sealed; `picture` are the modules of its QR code, `true` being dark. */
    | {
        readonly state: 'new'
        readonly key: string
        readonly link: string
        readonly picture: readonly (readonly boolean[])[]
        readonly pending: string
      }
  readonly passkeys?: {
    readonly list: readonly { readonly id: string; readonly name: string; readonly since: number }[]
    /** Options of a WebAuthn registration as JSON. */
    readonly options: string
  }
}

export interface RecoveryView {
  readonly left: number
  /** Codes that were just made: shown now and never again. */
  readonly codes?: readonly string[]
}

/** A person's own grants, logins and ways to log in, and how to end each. */
export function accountPage(context: PageContext, model: AccountPage): string {
  const { texts } = context.language
  const body = html`<p id="person">${say(texts, 'account-as', { name: html`<bdi>${model.person}</bdi>` })}</p>
    ${doneNote(model.done && html`${texts[model.done]}`)}
    ${errorNote(context, model.error && say(texts, model.error.key, model.error.values))}
    ${model.waiting === 'yes' && html`<p class="note"><a id="waiting" href="/approve">${texts['account-waiting']}</a></p>`}
    ${grants(context, model)} ${sessions(context, model)} ${model.security && security(context, model.security)}
    <p><a id="logout" class="button second" href="/logout">${texts['logout-submit']}</a></p>`
  return frame(context, {
    title: texts['account-title'],
    body,
    ...(model.security?.passkeys === undefined ? {} : { script: 'passkey' }),
  })
}

function grants(context: PageContext, model: AccountPage): Html {
  const { texts, tag } = context.language
  return html`<section id="grants" aria-labelledby="grants-title">
    <h2 id="grants-title">${texts['account-grants']}</h2>
    ${model.grants.length === 0 && html`<p id="no-grants">${texts['account-no-grants']}</p>`}
    ${model.grants.map(
      ({ id, client, asked, since }, at) =>
        html`<div class="item" role="group" id="grant-${at + 1}" aria-labelledby="grant-${at + 1}-client">
          <h3 id="grant-${at + 1}-client">${clientName(client)}</h3>
          <p class="small">${say(texts, 'account-grant-since', { time: moment(since, tag) })}</p>
          ${askedList({ ...asked, scope: asked.scope.map((one) => ({ ...one, choice: 'fixed' })) }, texts, `grant-${at + 1}-`)}
          ${oneButton(context, `revoke-${at + 1}`, 'revoke', id, html`${texts['account-revoke']}`, say(texts, 'account-revoke-of', { client: visible(client.name ?? client.clientId) }))}
        </div>`,
    )}
  </section>`
}

function sessions(context: PageContext, model: AccountPage): Html {
  const { texts, tag } = context.language
  const others = model.sessions.filter(({ here }) => here === 'no').length
  return html`<section id="sessions" aria-labelledby="sessions-title">
    <h2 id="sessions-title">${texts['account-sessions']}</h2>
    <ul class="plain">
      ${model.sessions.map(
        ({ id, here, since }, at) =>
          html`<li class="item" id="session-${at + 1}">
            <p id="session-${at + 1}-since">
              ${say(texts, 'account-session', { time: moment(since, tag) })}
              ${here === 'yes' && html`<strong>(${texts['account-this-session']})</strong>`}
            </p>
            ${here === 'no' && oneButton(context, `end-session-${at + 1}`, 'end-session', id, html`${texts['account-end-session']}`)}
          </li>`,
      )}
    </ul>
    ${others > 0 && oneButton(context, 'end-others', 'end-others', '', html`${texts['account-end-others']}`)}
  </section>`
}

function security(context: PageContext, view: SecurityView): Html {
  const { texts } = context.language
  return html`<section id="security" aria-labelledby="security-title">
    <h2 id="security-title">${texts['account-security']}</h2>
    ${view.password.change === 'yes' && passwordForm(context, view.password.shortest)} ${totp(context, view.totp)}
    ${view.passkeys && passkeys(context, view.passkeys)}
  </section>`
}

function passwordForm(context: PageContext, shortest: number): Html {
  const { texts } = context.language
  return html`<section class="item" aria-labelledby="password-title">
    <h3 id="password-title">${texts['account-password']}</h3>
    ${postForm(
      context,
      'change-password',
      '/account',
      html`${passwordField(context, 'password-now', 'password-now')}
        <p class="field">
          <label for="password-new">${texts['account-password-new']}</label>
          <input
            id="password-new"
            name="password-new"
            type="password"
            autocomplete="new-password"
            minlength="${shortest}"
            maxlength="1024"
            required
            aria-describedby="password-rule"
          />
          <span id="password-rule" class="small">${say(texts, 'account-password-rule', { length: shortest })}</span>
        </p>
        <p class="buttons">
          <button id="submit-password" name="action" value="password" class="second">
            ${texts['account-password-change']}
          </button>
        </p>`,
    )}
  </section>`
}

function totp(context: PageContext, view: SecurityView['totp']): Html {
  const { texts } = context.language
  return html`<section class="item" aria-labelledby="totp-title">
    <h3 id="totp-title">${texts['account-totp']}</h3>
    ${view.state === 'new' ? newTotp(context, view) : presentTotp(context, view.state)}
    ${view.state === 'on' && recoveryCodes(context, view.recovery)}
  </section>`
}

function newTotp(context: PageContext, view: Extract<SecurityView['totp'], { state: 'new' }>): Html {
  const { texts } = context.language
  return html`<p>${texts['account-totp-intro']}</p>
    <p>${modulePicture('totp-picture', view.picture, texts['account-totp-picture'])}</p>
    <p class="field">
      ${texts['account-totp-key']}:
      <code id="totp-key" class="code">${inFours(view.key)}</code>
    </p>
    <p><a id="totp-link" href="${view.link}">${texts['account-totp-link']}</a></p>
    ${postForm(
      context,
      'totp',
      '/account',
      html`<input type="hidden" name="pending" value="${view.pending}" />
        <p class="field">
          <label for="code">${texts['factor-code']}</label>
          <input
            id="code"
            name="code"
            type="text"
            inputmode="numeric"
            autocomplete="one-time-code"
            maxlength="12"
            required
          />
        </p>
        <p class="buttons">
          <button id="submit-totp" name="action" value="totp-confirm">${texts['factor-submit']}</button>
        </p>`,
    )}`
}

function presentTotp(context: PageContext, state: 'on' | 'off'): Html {
  const { texts } = context.language
  return html`<p id="totp-state">${texts[`account-totp-${state}`]}</p>
    ${passwordAnd(
      context,
      'totp',
      state === 'on' ? 'totp-remove' : 'totp-add',
      texts[state === 'on' ? 'account-totp-remove' : 'account-totp-add'],
    )}`
}

function recoveryCodes(context: PageContext, { left, codes }: RecoveryView): Html {
  const { texts } = context.language
  return html`<h4 id="recovery-title">${texts['account-recovery']}</h4>
    ${
      codes === undefined
        ? html`<p id="recovery-left">${say(texts, 'account-recovery-left', { count: left })}</p>`
        : html`<div id="recovery-new" class="note done">
            <p>${texts['account-recovery-intro']}</p>
            <ol id="recovery-codes" class="codes">
              ${codes.map((code) => html`<li><code>${code}</code></li>`)}
            </ol>
          </div>`
    }
    ${passwordAnd(context, 'recovery', 'recovery-make', texts['account-recovery-make'])}`
}

/** A form that asks for the password and does one thing. */
function passwordAnd(context: PageContext, id: string, action: string, text: string): Html {
  return postForm(
    context,
    id,
    '/account',
    html`${passwordField(context, `password-${id}`, 'password-now')}
      <p class="buttons">
        <button id="submit-${id}" name="action" value="${action}" class="second">${text}</button>
      </p>`,
  )
}

function inFours(text: string): string {
  return text.replaceAll(/(.{4})(?=.)/g, '$1 ')
}

function passkeys(context: PageContext, view: NonNullable<SecurityView['passkeys']>): Html {
  const { texts, tag } = context.language
  return html`<section class="item" aria-labelledby="passkeys-title">
    <h3 id="passkeys-title">${texts['account-passkeys']}</h3>
    ${view.list.length === 0 && html`<p id="no-passkeys">${texts['account-no-passkeys']}</p>`}
    ${view.list.map(
      ({ id, name, since }, at) =>
        html`<div id="passkey-${at + 1}">
          <p><bdi>${name}</bdi>, ${say(texts, 'account-grant-since', { time: moment(since, tag) })}</p>
          ${oneButton(context, `passkey-remove-${at + 1}`, 'passkey-remove', id, say(texts, 'account-passkey-remove', { name: visible(name) }))}
        </div>`,
    )}
    <noscript><p>${texts['account-passkey-script']}</p></noscript>
    ${postForm(
      context,
      'passkey-form',
      '/account',
      html`<div id="passkey-part" hidden data-options="${view.options}" data-create="yes">
        <input type="hidden" name="passkey" id="passkey-answer" value="" />
        <input type="hidden" name="action" value="passkey-add" />
        <p id="passkey-failed" class="note error" role="alert" hidden>${texts['account-passkey-failed']}</p>
        ${passwordField(context, 'password-passkey', 'password-now')}
        <p class="buttons">
          <button id="passkey" type="submit" class="second">${texts['account-passkey-add']}</button>
        </p>
      </div>`,
    )}
  </section>`
}

function passwordField({ language: { texts } }: PageContext, id: string, name: string): Html {
  return html`<p class="field">
    <label for="${id}">${texts['account-password-now']}</label>
    <input id="${id}" name="${name}" type="password" autocomplete="current-password" maxlength="1024" required />
  </p>`
}

function oneButton(context: PageContext, id: string, action: string, value: string, text: Html, label?: Html): Html {
  return postForm(
    context,
    `form-${id}`,
    '/account',
    html`<input type="hidden" name="id" value="${value}" />
      <button id="${id}" name="action" value="${action}" class="second" ${label && html` aria-label="${label}"`}>
        ${text}
      </button>`,
  )
}
