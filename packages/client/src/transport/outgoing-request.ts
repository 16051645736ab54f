/** What `fetch` was called with, taken apart so that it can be sent, and where possible sent again. */
export interface OutgoingRequest {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  /** `once` means a stream: it is gone after the first attempt. */
  readonly body:
    | { readonly kind: 'none' }
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
    | { readonly kind: 'once'; readonly stream: ReadableStream }
  readonly signal: AbortSignal | null
  readonly redirect: 'follow' | 'error' | 'manual'
}

/**
 * Reads the arguments of `fetch` as the platform itself does, and keeps every body that is not a stream as bytes.
 */
export async function outgoingRequest(input: string | URL | Request, init?: RequestInit): Promise<OutgoingRequest> {
  const given = init?.body ?? undefined
  const isStream = given instanceof ReadableStream || (given !== undefined && Symbol.asyncIterator in Object(given))
  const request = new Request(input, isStream ? { ...init, duplex: 'half' } : init)
  const isOnce = isStream || (given === undefined && input instanceof Request && request.body !== null)
  return {
    url: new URL(request.url),
    method: request.method,
    headers: request.headers,
    body:
      request.body === null
        ? { kind: 'none' }
        : isOnce
          ? { kind: 'once', stream: request.body }
          : { kind: 'bytes', bytes: new Uint8Array(await request.arrayBuffer()) },
    signal: request.signal,
    redirect: request.redirect,
  }
}
