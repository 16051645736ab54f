import type { Exchange } from '@holdfast/edge'
import { readCookies } from './browser-cookies.ts'
import { readFormBody } from './read-form-body.ts'

/** A request that a person's browser made. */
export interface BrowserRequest {
  readonly method: 'GET' | 'POST'
  /** Without the query. */
  readonly path: string
  /** As written, without the question mark. */
  readonly query: string
  /** The fields of the query and of the form; of a repeated one the first counts. */
  readonly parameters: URLSearchParams
  readonly form: Form
  readonly cookies: ReadonlyMap<string, string>
  readonly address: string
  readonly correlationId: string
  readonly exchange: Exchange
  header(name: string): string | undefined
}

/** The form of a POST, as text too, for those who parse it more strictly. */
export type Form =
  | { readonly outcome: 'none' | 'too_large' | 'other_type' | 'gone' }
  | { readonly outcome: 'read'; readonly text: string; readonly fields: URLSearchParams }

/** Reads what a page needs to know of a request, with its form. */
export async function readBrowserRequest(
  exchange: Exchange,
  correlationId: string,
  bodyLimit: number,
): Promise<BrowserRequest> {
  const { request } = exchange
  const url = request.url ?? ''
  const mark = url.indexOf('?')
  const query = mark === -1 ? '' : url.slice(mark + 1)
  const header = (name: string): string | undefined => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : undefined
  }
  return {
    method: request.method === 'POST' ? 'POST' : 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    query,
    parameters: new URLSearchParams(query),
    form: request.method === 'POST' ? await readForm(exchange, header('content-type'), bodyLimit) : { outcome: 'none' },
    cookies: readCookies(request.headers['cookie']),
    address: exchange.remoteAddress ?? 'unknown',
    correlationId,
    exchange,
    header,
  }
}

/** A field of the form; `undefined` when it is not there or empty. */
export function field(request: BrowserRequest, name: string): string | undefined {
  const value = request.form.outcome === 'read' ? request.form.fields.get(name) : null
  return value === null || value === '' ? undefined : value
}

function readForm({ request }: Exchange, contentType: string | undefined, limit: number): Promise<Form> {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return Promise.resolve({ outcome: 'other_type' })
  return new Promise((resolve) => {
    readFormBody(request, limit, (body) => {
      resolve(
        body.outcome === 'read'
          ? { outcome: 'read', text: body.text, fields: new URLSearchParams(body.text) }
          : { outcome: body.outcome },
      )
    })
  })
}
