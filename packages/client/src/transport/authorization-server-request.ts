import { fetch } from 'undici'
import type { Dispatcher } from 'undici'

import { ClientError } from '../client-error.ts'

/** What the authorization server answered, read whole. */
export interface AuthorizationServerAnswer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  /** `undefined` when the body is not JSON. */
  readonly json: unknown
}

/** A form for the back channel; without one the request is a GET. */
export interface BackChannelForm {
  readonly fields: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Sends one request to the authorization server and reads the whole answer, within time and size.
 *
 * Redirects are not followed: credentials go to the endpoint that the metadata named, nowhere else.
 *
 * @param seconds for everything together
 */
export async function authorizationServerRequest(
  url: string,
  form: BackChannelForm | undefined,
  dispatcher: Dispatcher,
  seconds: number,
): Promise<AuthorizationServerAnswer> {
  const signal = AbortSignal.timeout(seconds * 1000)
  try {
    const response = await fetch(url, {
      dispatcher,
      signal,
      redirect: 'manual',
      headers: { accept: 'application/json', ...form?.headers },
      ...(form === undefined ? {} : { method: 'POST', body: form.fields }),
    })
    const text = await limitedText(response.body, url)
    return { status: response.status, headers: response.headers, json: parsed(text) }
  } catch (error) {
    if (error instanceof ClientError) throw error
    if (signal.aborted) throw new ClientError('request_timeout', { url, seconds }, error)
    throw new ClientError('request_failed', { url, detail: causeOf(error) }, error)
  }
}

async function limitedText(body: AsyncIterable<unknown> | null, url: string): Promise<string> {
  if (body === null) return ''
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue
    length += chunk.length
    if (length > LARGEST_ANSWER) throw new ClientError('response_too_large', { url, limit: LARGEST_ANSWER })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** `fetch` wraps what happened in an error that says only "fetch failed". */
export function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  const code = (cause as { code?: unknown }).code
  return typeof code === 'string' ? `${code}, ${cause.message}` : cause.message
}

const LARGEST_ANSWER = 512 * 1024
