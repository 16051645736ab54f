import assert from 'node:assert/strict'
import type { TestAnswer, TestServer } from '../../packages/server/conformance/test-server.ts'

/** A browser without scripts: keeps cookies, follows redirects on the server's own host, fills in forms. */
export interface FapiBrowser {
  open(path: string): Promise<FapiPage>
  /** Posts a form that stands on somebody else's page. */
  send(path: string, form: Readonly<Record<string, string>>): Promise<FapiPage>
  /** Sends the form of a page that has a button with this id. */
  press(page: FapiPage, button: string, typed?: Readonly<Record<string, string>>): Promise<FapiPage>
}

/** Where the browser stands: a page of the server, or the address elsewhere that it was sent to. */
export interface FapiPage {
  readonly status: number
  readonly path: string
  readonly text: string
  readonly elsewhere: URL | undefined
}

export function createFapiBrowser(server: TestServer): FapiBrowser {
  const cookies = new Map<string, string>()
  const send = async (
    method: 'GET' | 'POST',
    path: string,
    body?: string,
    origin = 'https://as.test',
  ): Promise<FapiPage> => {
    const answer = await server.send({
      method,
      path,
      host: 'as.test',
      headers: {
        ...(cookies.size === 0 ? {} : { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') }),
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded', origin }),
      },
      ...(body === undefined ? {} : { body }),
    })
    keepCookies(cookies, answer)
    const { location } = answer.headers
    if (typeof location !== 'string') return { status: answer.status, path, text: answer.text, elsewhere: undefined }
    assert.equal(answer.status, 303, 'a redirect is 303: RFC 9700 §4.12')
    const target = new URL(location, 'https://as.test')
    if (target.host === 'as.test') return send('GET', target.pathname + target.search)
    return { status: answer.status, path, text: '', elsewhere: target }
  }
  return {
    open: (path) => send('GET', path),
    send: (path, form) => send('POST', path, new URLSearchParams(form).toString(), 'https://client.test'),
    press: (page, button, typed = {}) => {
      const form = formWith(page, button)
      for (const [name, value] of Object.entries(typed)) form.fields.set(name, value)
      return send('POST', form.action, form.fields.toString())
    },
  }
}

function keepCookies(cookies: Map<string, string>, answer: TestAnswer): void {
  for (const line of answer.headers['set-cookie'] ?? []) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (/max-age=0/i.test(line)) cookies.delete(name)
    else cookies.set(name, value)
  }
}

/** What the form with this button would send when it is pressed. */
export function formWith(
  page: FapiPage,
  button: string,
): { readonly action: string; readonly fields: URLSearchParams } {
  for (const [form] of page.text.matchAll(/<form[\s\S]*?<\/form>/g)) {
    const pressed = [...form.matchAll(/<button([^>]*)>/g)].find(
      ([, text = '']) => attribute(text, 'id') === button,
    )?.[1]
    if (pressed === undefined) continue
    const fields = new URLSearchParams()
    for (const [, text = ''] of form.matchAll(/<input([^>]*)>/g)) {
      const name = attribute(text, 'name')
      const box = attribute(text, 'type') === 'checkbox'
      if (name !== undefined && (!box || /\schecked/.test(text))) fields.append(name, attribute(text, 'value') ?? '')
    }
    const name = attribute(pressed, 'name')
    if (name !== undefined) fields.set(name, attribute(pressed, 'value') ?? '')
    return { action: attribute(/<form([^>]*)>/.exec(form)?.[1] ?? '', 'action') ?? page.path, fields }
  }
  throw new Error(`no form with a button ${button} at ${page.path} (${page.status}):\n${page.text}`)
}

function attribute(text: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(text)?.[1]
  return value
    ?.replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}
