import { type Address } from '../load/load-plan.ts'
import { type ProbeAnswer, probe } from '../row/probe.ts'

/** A browser without scripts for what comes before the load: it keeps cookies and follows redirects on its host. */
export interface Browser {
  /** As a `cookie` header has them. */
  cookies(): string
  open(path: string): Promise<Page>
  post(path: string, form: Readonly<Record<string, string>>): Promise<Page>
}

export interface Page {
  readonly path: string
  readonly body: string
  /** Where a redirect led that leaves the host. */
  readonly elsewhere?: URL
}

export function browse(address: Address, host: string, headers: Readonly<Record<string, string>>): Browser {
  const cookies = new Map<string, string>()
  const cookieText = (): string => [...cookies].map((pair) => pair.join('=')).join('; ')
  const send = async (path: string, form?: Readonly<Record<string, string>>, redirects = 0): Promise<Page> => {
    const origin = `https://${host}`
    const body = form === undefined ? undefined : new URLSearchParams(form).toString()
    const answer = await probe(address, {
      method: body === undefined ? 'GET' : 'POST',
      path,
      host,
      headers: {
        ...headers,
        ...(cookies.size === 0 ? {} : { cookie: cookieText() }),
        ...(body === undefined
          ? {}
          : { origin, 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) }),
      },
      ...(body === undefined ? {} : { body }),
    })
    keepCookies(cookies, answer)
    const { location } = answer.headers
    if (typeof location !== 'string') return { path, body: answer.body }
    const target = new URL(location, origin)
    if (redirects > longestWay) throw new Error(`sent around in circles, to ${target.href} with ${cookieText()}`)
    if (target.host !== host) return { path, body: '', elsewhere: target }
    return send(target.pathname + target.search, undefined, redirects + 1)
  }
  return { cookies: cookieText, open: (path) => send(path), post: (path, form) => send(path, form) }
}

/** The hidden fields of the only form of a page that has them. */
export function hiddenFields({ body }: Page): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...body.matchAll(/<input([^>]*)>/g)].flatMap(([, text = '']) => {
      const [name, value] = ['name', 'value'].map(
        (attribute) => new RegExp(`\\s${attribute}="([^"]*)"`).exec(text)?.[1],
      )
      return name === undefined || value === undefined ? [] : [[name, value]]
    }),
  )
}

function keepCookies(cookies: Map<string, string>, { headers }: ProbeAnswer): void {
  for (const line of [headers['set-cookie'] ?? []].flat()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name)
    else cookies.set(name, value)
  }
}

const longestWay = 10
