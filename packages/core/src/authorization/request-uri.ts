/** The `request_uri` of a pushed request (RFC 9126 §2.2, RFC 9101 §10.2): unguessable by its handle. */
export function pushedRequestUri(handle: string): string {
  return prefix + handle
}

/** The handle in the `request_uri` of a pushed request; `undefined` for every other kind. */
export function pushedRequestHandle(requestUri: string): string | undefined {
  return requestUri.startsWith(prefix) ? requestUri.slice(prefix.length) : undefined
}

const prefix = 'urn:ietf:params:oauth:request_uri:'
