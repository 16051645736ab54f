import type { Answer } from '@holdfast/core'

/** An answer to a browser: cookies are many lines of one header. */
export interface BrowserAnswer extends Answer {
  /** `Set-Cookie` lines. */
  readonly cookies?: readonly string[]
}

export interface PageRules {
  /** Where forms of the page may lead besides here: browsers follow what comes after a form, too. */
  readonly formsLeadTo?: readonly string[]
  /** Whether the page uses a script of ours. */
  readonly scripts?: 'own'
}

/** A page as it may be shown: nowhere in a frame, in no cache, with nothing in it that is not ours. */
export function pageAnswer(status: number, body: string, { formsLeadTo = [], scripts }: PageRules = {}): BrowserAnswer {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    ...(scripts === 'own' ? ["script-src 'self'"] : []),
    `form-action 'self'${formsLeadTo.map((source) => ` ${source}`).join('')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy.join('; '),
      'x-frame-options': 'DENY',
      // Browsers say the origin of a form that is ours only so.
      'referrer-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy':
        'publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()',
    },
    body,
  }
}

/** Sends the browser elsewhere by GET, whatever it came by: 303, never 307 (RFC 9700 §4.12). */
export function seeOther(location: string, cookies: readonly string[] = []): BrowserAnswer {
  return {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    body: '',
    cookies,
  }
}

/** The same answer with further cookies. */
export function withCookies(answer: BrowserAnswer, cookies: readonly string[]): BrowserAnswer {
  return cookies.length === 0 ? answer : { ...answer, cookies: [...(answer.cookies ?? []), ...cookies] }
}

/** A source expression (CSP 3 §2.3.1) for where a redirect URI leads; `undefined` when none can say it. */
export function formTarget(uri: string): string | undefined {
  if (!URL.canParse(uri)) return undefined
  const { protocol, origin, host } = new URL(uri)
  if (protocol === 'https:' || protocol === 'http:') return host.startsWith('[') ? protocol : origin
  return /^[a-z][a-z0-9+.-]*:$/.test(protocol) ? protocol : undefined
}
