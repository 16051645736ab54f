import { html, trustedHtml } from './html.ts'
import type { Html } from './html.ts'
import type { Language } from './text/choose-language.ts'
import { say } from './text/say.ts'

/** What all pages have in common. */
export interface PageContext {
  readonly language: Language
  /** This page in the other languages, by their tags. Empty where it cannot be asked for again. */
  readonly otherLanguages: readonly { readonly tag: string; readonly name: string; readonly href: string }[]
  /** Shown above each page. */
  readonly serviceName: string
  /** Paths or URLs of what the operator offers. */
  readonly logo?: string
  readonly policyUri?: string
  readonly tosUri?: string
  /** The operator's own document with `{{lang}}`, `{{dir}}`, `{{title}}`, `{{head}}` and `{{content}}`. */
  readonly template?: string
  /** Goes with every form. */
  readonly csrf: string
  /** Grows with the style sheet, so that a browser never keeps an old one. */
  readonly styleVersion: string
}

export interface PageContent {
  readonly title: string
  readonly body: Html
  /** Scripts of ours that the page uses when it can; it works without. */
  readonly script?: 'passkey' | 'form-post'
}

/** A whole document. */
export function frame(context: PageContext, { title, body, script }: PageContent): string {
  const { tag, texts } = context.language
  const head = html`<meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="robots" content="noindex" />
    <link rel="icon" href="/ui/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/ui/style.css?v=${context.styleVersion}" />
    ${script !== undefined && html`<script type="module" src="/ui/${script}.js?v=${context.styleVersion}"></script>`}`
  const content = html`<a class="skip" href="#main">${texts.skip}</a>
    <header id="service">
      ${
        context.logo === undefined
          ? html`<span class="service-name">${context.serviceName}</span>`
          : html`<img src="${context.logo}" alt="${context.serviceName}" />`
      }
    </header>
    <main id="main">
      <h1>${title}</h1>
      ${body}
    </main>
    ${footer(context)}`
  const dir = texts.direction === 'rtl' ? 'rtl' : 'ltr'
  const parts = { lang: html`${tag}`, dir: html`${dir}`, title: html`${title} · ${context.serviceName}`, head, content }
  return fillTemplate(context.template ?? plainTemplate, parts)
}

/** Hidden fields and buttons of a form that changes something. */
export function postForm(context: PageContext, id: string, action: string, inside: Html): Html {
  return html`<form id="${id}" method="post" action="${action}">
    <input type="hidden" name="csrf" value="${context.csrf}" />
    ${inside}
  </form>`
}

/** Said at once by screen readers; a field that is wrong refers to it. */
export function errorNote(context: PageContext, error: Html | undefined): Html {
  if (error === undefined) return html``
  return html`<div id="error" class="note error" role="alert">
    <strong>${context.language.texts['error-heading']}</strong>
    <p id="error-text">${error}</p>
  </div>`
}

/** What was just done. */
export function doneNote(done: Html | undefined): Html {
  return done === undefined ? html`` : html`<p id="done" class="note done" role="status">${done}</p>`
}

/** Why a template cannot be used; `undefined` when it can. */
export function templateProblem(template: string): string | undefined {
  for (const name of ['head', 'content', 'title', 'lang', 'dir']) {
    const count = template.split(`{{${name}}}`).length - 1
    if (count !== 1 && (name !== 'title' || count === 0))
      return `{{${name}}} must stand in it ${name === 'title' ? 'at least' : 'exactly'} once`
  }
  return undefined
}

function fillTemplate(template: string, parts: Readonly<Record<string, Html>>): string {
  const pieces = template.split(/\{\{([a-z]+)\}\}/)
  return html`${pieces.map((piece, at) => (at % 2 === 0 ? trustedHtml(piece) : parts[piece]))}`.toString()
}

function footer({ language, otherLanguages, policyUri, tosUri }: PageContext): Html {
  if (otherLanguages.length === 0 && policyUri === undefined && tosUri === undefined) return html``
  return html`<footer>
    ${
      otherLanguages.length > 0 &&
      html`<nav aria-label="${language.texts.languages}">
        <ul>
          ${otherLanguages.map(
            ({ tag, name, href }) =>
              html`<li><a id="language-${tag}" href="${href}" lang="${tag}" hreflang="${tag}">${name}</a></li>`,
          )}
        </ul>
      </nav>`
    }
    ${
      (policyUri !== undefined || tosUri !== undefined) &&
      html`<ul>
        ${policyUri !== undefined && html`<li><a id="service-policy" href="${policyUri}">${say(language.texts, 'policy')}</a></li>`}
        ${tosUri !== undefined && html`<li><a id="service-terms" href="${tosUri}">${say(language.texts, 'terms')}</a></li>`}
      </ul>`
    }
  </footer>`
}

const plainTemplate = `<!doctype html>
<html lang="{{lang}}" dir="{{dir}}">
  <head>
    <meta charset="utf-8" />
    <title>{{title}}</title>
    {{head}}
  </head>
  <body>
    {{content}}
  </body>
</html>
`
