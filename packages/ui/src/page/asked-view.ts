import { html } from '../html.ts'
import type { Html } from '../html.ts'
import type { TextKey, Texts } from '../text/en.ts'
import { say } from '../text/say.ts'

/** What a client asks for, as people are shown it. */
export interface AskedView {
  readonly scope: readonly ScopeView[]
  readonly audience: readonly string[]
  /** RFC 9396: shown as they are. */
  readonly details: readonly { readonly type: string; readonly [member: string]: unknown }[]
}

export interface ScopeView {
  readonly scope: string
  /** The operator's words for it. */
  readonly description?: string
  /** Whether the person may leave it out. */
  readonly choice: 'free' | 'fixed'
}

/** The list of what is asked; where something may be left out, as check boxes. `prefix` keeps ids apart where there are several lists. */
export function askedList(asked: AskedView, texts: Texts, prefix: string = ''): Html {
  const { scope, audience, details } = asked
  return html`${
    scope.length > 0 &&
    html`<ul id="${prefix}scopes" class="asked">
      ${scope.map((one, at) => html`<li>${scopeItem(one, `${prefix}scope-${at + 1}`, texts)}</li>`)}
    </ul>`
  }
  ${details.map(
    ({ type, ...members }, at) =>
      html`<section class="detail" id="${prefix}detail-${at + 1}" aria-labelledby="${prefix}detail-type-${at + 1}">
        <h2 id="${prefix}detail-type-${at + 1}"><bdi>${type}</bdi></h2>
        <dl>
          ${Object.entries(members).map(
            ([name, value]) =>
              html`<dt><bdi>${name}</bdi></dt>
                <dd><bdi>${typeof value === 'string' ? value : JSON.stringify(value, undefined, 1)}</bdi></dd>`,
          )}
        </dl>
      </section>`,
  )}
  ${audience.length > 0 && html`<p id="${prefix}audience" class="small">${say(texts, 'consent-audience', { audience: html`<bdi>${audience.join(', ')}</bdi>` })}</p>`}`
}

function scopeItem({ scope, description, choice }: ScopeView, id: string, texts: Texts): Html {
  const words = description === undefined ? scopeWords(scope, texts) : html`${description}`
  if (choice === 'fixed') return html`<span class="fixed" data-scope="${scope}">${words}</span>`
  return html`<input type="checkbox" id="${id}" name="scope" value="${scope}" checked />
    <label for="${id}">${words}</label>`
}

function scopeWords(scope: string, texts: Texts): Html {
  const key = `scope-${scope}`
  if (isTextKey(key, texts)) return html`${texts[key]}`
  return say(texts, 'scope-other', { scope: html`<code><bdi>${scope}</bdi></code>` })
}

function isTextKey(key: string, texts: Texts): key is TextKey {
  return key !== 'scope-other' && Object.hasOwn(texts, key)
}
