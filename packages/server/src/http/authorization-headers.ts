import type { EdgeRequest } from '@holdfast/edge'

/** Every `Authorization` header: Node keeps the first and hides that there were others. */
export function authorizationHeaders({ rawHeaders, headers }: EdgeRequest): string | readonly string[] | undefined {
  if (headers['authorization'] === undefined) return undefined
  const all: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (name.length === authorizationLength && name.toLowerCase() === 'authorization')
      all.push(rawHeaders[index + 1] ?? '')
  }
  return all.length === 1 ? all[0] : all
}

/** The lines of a header as one, joined by commas (RFC 9110 §5.3). */
export function joined(header: string | readonly string[] | undefined): string | undefined {
  return header === undefined || typeof header === 'string' ? header : header.join(', ')
}

const authorizationLength = 'authorization'.length
