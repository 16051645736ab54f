import { html } from '../html.ts'
import type { Html } from '../html.ts'
import type { Texts } from '../text/en.ts'

/** What a person is told about a client. Everything in it was written by the client, and is shown as its claim only. */
export interface ClientView {
  readonly clientId: string
  readonly name?: string
  readonly uri?: string
  readonly policy?: string
  readonly terms?: string
}

/** The client by its name; kept apart from the sentence, so that a name cannot read as a part of it. */
export function clientName({ name, clientId }: ClientView): Html {
  return html`<bdi class="client-name">${visible(name ?? clientId)}</bdi>`
}

/** Where the client explains itself. Only https: a client cannot put a script behind a link. */
export function clientLinks(client: ClientView, texts: Texts): Html {
  const links = [
    ['client-uri', client.uri, client.uri === undefined ? '' : hostOf(client.uri)],
    ['client-policy', client.policy, texts.policy],
    ['client-terms', client.terms, texts.terms],
  ] as const
  const usable = links.filter(([, href]) => href !== undefined && URL.canParse(href) && href.startsWith('https://'))
  if (usable.length === 0) return html``
  return html`<ul class="client-links">
    ${usable.map(([id, href, text]) => html`<li><a id="${id}" href="${href}" rel="noopener noreferrer">${text}</a></li>`)}
  </ul>`
}

/** Without characters that turn the direction or hide: a name must not rewrite the page around it. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').slice(0, longestName)
}

function hostOf(uri: string): string {
  return URL.canParse(uri) ? new URL(uri).host : uri
}

const longestName = 200
