import type { DoctorEcho } from '@holdfast/server'

/** What came of one request. */
export type Seen =
  | { readonly kind: 'no_connection'; readonly code: string }
  /** The handshake failed, or an alert came in place of an answer. */
  | { readonly kind: 'tls_refused'; readonly code: string }
  /** The connection was closed without an answer. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'silence' }
  | Answered

export interface Answered {
  readonly kind: 'answer'
  readonly status: number
  readonly body: 'json' | 'html' | 'empty' | 'other'
  /** `error` of an OAuth answer. */
  readonly error: string | undefined
  /** Only where the server knows the token. */
  readonly echo: DoctorEcho | undefined
  readonly headers: Readonly<Record<string, string>>
  /** The beginning. */
  readonly text: string
}

/** Turns an answer into what counts of it. */
export function answered(status: number, headers: Readonly<Record<string, string>>, text: string): Answered {
  const json = jsonObject(text)
  const error = json?.['error']
  return {
    kind: 'answer',
    status,
    body:
      json !== undefined
        ? 'json'
        : text.trim() === ''
          ? 'empty'
          : /<html|<!doctype/i.test(text.slice(0, 500))
            ? 'html'
            : 'other',
    error: typeof error === 'string' ? error : undefined,
    echo: json !== undefined && 'request_refusal' in json ? (json as unknown as DoctorEcho) : undefined,
    headers,
    text: text.slice(0, longestText),
  }
}

/** Tells a refusal by TLS from a connection that is not there. */
export function failed(error: unknown): Seen {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error)
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return { kind: 'tls_refused', code }
  if (code === 'ECONNRESET' || code === 'EPIPE') return { kind: 'closed' }
  return code === 'ETIMEDOUT' ? { kind: 'silence' } : { kind: 'no_connection', code }
}

/** The certificate that the server saw, by its thumbprint; `null` when it saw none, `undefined` when nobody can tell. */
export function thumbprintSeen(seen: Seen | undefined): string | null | undefined {
  if (seen?.kind !== 'answer' || seen.echo === undefined) return undefined
  return seen.echo.certificate?.['x5t#S256'] ?? null
}

/** Nobody is there: whatever else is asked meets the same, and takes as long. */
export function nobodyThere(seen: Seen | undefined): boolean {
  return seen?.kind === 'no_connection' || seen?.kind === 'silence'
}

/** Whether an answer was written by the server behind: JSON of ours, or of any OAuth server. */
export function fromServer(seen: Seen | undefined): boolean {
  return seen?.kind === 'answer' && (seen.echo !== undefined || (seen.body === 'json' && seen.error !== undefined))
}

/** Whether a header made a difference to what came. */
export function differs(before: Seen, found: Seen): boolean {
  if (before.kind !== 'answer' || found.kind !== 'answer') return before.kind !== found.kind
  return (
    before.status !== found.status ||
    before.echo?.certificate?.['x5t#S256'] !== found.echo?.certificate?.['x5t#S256'] ||
    before.echo?.request_refusal !== found.echo?.request_refusal ||
    before.echo?.certificate_refusal !== found.echo?.certificate_refusal
  )
}

/** What came, in a few words. */
export function seenText(seen: Seen | undefined): string {
  switch (seen?.kind) {
    case undefined:
      return 'nothing'
    case 'no_connection':
      return `no connection (${seen.code})`
    case 'tls_refused':
      return `a TLS alert (${seen.code.replace(/^ERR_SSL_/, '').toLowerCase()})`
    case 'closed':
      return 'a closed connection'
    case 'silence':
      return 'no answer in time'
    case 'answer':
      return `status ${seen.status}${bodyText[seen.body]}${seen.headers['location'] === undefined ? '' : ` to ${seen.headers['location'].slice(0, longestPlace)}`}`
  }
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}

const bodyText = { json: ' with JSON', html: ' with an HTML page', empty: ' with an empty body', other: '' } as const

/** Of an address that somebody redirects to. */
const longestPlace = 100
/** Metadata documents and login pages fit; more is nobody's error page. */
const longestText = 65_536
