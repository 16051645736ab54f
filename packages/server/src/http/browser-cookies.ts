/** The cookies of a request by their names; of two with one name the first counts, as browsers send the more particular one first. */
export function readCookies(header: string | readonly string[] | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  const text = typeof header === 'string' ? header : (header ?? []).join('; ')
  for (const pair of text.slice(0, longestHeader).split(';')) {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, Math.max(0, equals)).trim()
    if (name !== '' && !cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim())
  }
  return cookies
}

/** The names of our cookies. With the prefix a browser takes them from this host alone, over TLS alone, and for all of its paths. */
export interface CookieNames {
  readonly session: string
  readonly browser: string
  readonly language: string
}

/** `https: 'no'` only where the operator allowed an http issuer for trying out. */
export function cookieNames(https: 'yes' | 'no'): CookieNames {
  const prefix = https === 'yes' ? '__Host-' : ''
  return { session: `${prefix}holdfast`, browser: `${prefix}holdfast-browser`, language: `${prefix}holdfast-language` }
}

/**
 * A `Set-Cookie` line. `Lax`: a client sends the browser to us by a link or a redirect, and the login must be there then; what
 * changes something is asked for by POST, with a token besides. Without `seconds` it ends with the browser.
 */
export function cookieLine(name: string, value: string, https: 'yes' | 'no', seconds?: number): string {
  const secure = https === 'yes' ? '; Secure' : ''
  const age = seconds === undefined ? '' : `; Max-Age=${seconds}`
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${age}`
}

/** Node takes 16 KB of headers altogether. */
const longestHeader = 16_384
