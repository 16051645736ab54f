import type { TestAnswer, TestServer } from './test-server.ts'

/** A browser without scripts: keeps cookies, follows redirects on the server's own host, and fills in forms. */
export interface FormBrowser {
  readonly cookies: Map<string, string>
  open(path: string, headers?: Readonly<Record<string, string>>): Promise<BrowserPage>
  /** Sends a form of a page with the button that has this id; `fields` are what the person typed. */
  press(
    page: BrowserPage,
    button: string,
    fields?: FormFields,
    headers?: Readonly<Record<string, string>>,
  ): Promise<BrowserPage>
  /** Posts fields as they are. */
  post(path: string, fields: FormFields, headers?: Readonly<Record<string, string>>): Promise<BrowserPage>
}

/** A field that is there several times has several values: the boxes of one choice. */
export type FormFields = Readonly<Record<string, string | readonly string[]>>

/** Where the browser stands: a page of ours, or an address elsewhere that it was sent to. */
export interface BrowserPage {
  readonly status: number
  readonly path: string
  readonly text: string
  readonly headers: TestAnswer['headers']
  /** Of a redirect to another host: it is not followed. */
  readonly elsewhere: URL | undefined
}

export function createFormBrowser(server: TestServer, origin: string = 'https://as.test'): FormBrowser {
  const cookies = new Map<string, string>()
  const { host } = new URL(origin)
  const send = async (
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    more: Readonly<Record<string, string>> = {},
  ): Promise<BrowserPage> => {
    const answer = await server.send({
      method,
      path,
      host,
      headers: {
        ...(cookies.size === 0 ? {} : { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/x-www-form-urlencoded', origin, 'sec-fetch-site': 'same-origin' }),
        ...more,
      },
      ...(body === undefined ? {} : { body }),
    })
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = answer.headers['location']
    if (typeof location !== 'string')
      return { status: answer.status, path, text: answer.text, headers: answer.headers, elsewhere: undefined }
    const target = new URL(location, origin)
    if (target.origin !== origin)
      return { status: answer.status, path, text: '', headers: answer.headers, elsewhere: target }
    return send('GET', target.pathname + target.search, undefined)
  }
  const post: FormBrowser['post'] = (path, fields, headers) => send('POST', path, formText(fields), headers)
  return {
    cookies,
    open: (path, headers) => send('GET', path, undefined, headers),
    post,
    press: (page, button, fields = {}, headers) => {
      const { action, hidden } = formWith(page, button)
      return post(action, { ...hidden, ...fields }, headers)
    },
  }
}

/** What a form would send when this button is pressed, checked boxes and what stands in its fields among it. */
export function formWith(page: BrowserPage, button: string): { readonly action: string; readonly hidden: FormFields } {
  for (const [form] of page.text.matchAll(/<form[\s\S]*?<\/form>/g)) {
    const pressed = [...form.matchAll(/<button([^>]*)>/g)].find(
      ([, text = '']) => attribute(text, 'id') === button,
    )?.[1]
    if (pressed === undefined) continue
    const hidden = new Map<string, readonly string[]>()
    for (const [, text = ''] of form.matchAll(/<input([^>]*)>/g)) {
      const name = attribute(text, 'name')
      const value = attribute(text, 'value')
      if (attribute(text, 'type') === 'checkbox' && !/\schecked/.test(text)) continue
      if (name !== undefined && value !== undefined) hidden.set(name, [...(hidden.get(name) ?? []), value])
    }
    const name = attribute(pressed, 'name')
    if (name !== undefined) hidden.set(name, [attribute(pressed, 'value') ?? ''])
    const action = attribute(/<form([^>]*)>/.exec(form)?.[1] ?? '', 'action') ?? ''
    return { action, hidden: Object.fromEntries(hidden) }
  }
  throw new Error(`no form with a button ${button} at ${page.path} (${page.status}):\n${page.text}`)
}

function formText(fields: FormFields): string {
  const pairs = Object.entries(fields).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  )
  return new URLSearchParams(pairs).toString()
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
