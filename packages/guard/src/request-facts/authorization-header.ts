/**
 * Every `Authorization` line of a request: nothing, the one value, or a list that will be refused.
 *
 * From `rawHeaders`, because `headers` drops a second line without a word.
 */
export function authorizationHeader(rawHeaders: readonly string[]): string | readonly string[] | undefined {
  let found: string | string[] | undefined
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (name.length !== NAME.length || name.toLowerCase() !== NAME) continue
    const value = rawHeaders[index + 1] ?? ''
    if (found === undefined) found = value
    else found = typeof found === 'string' ? [found, value] : [...found, value]
  }
  return found
}

const NAME = 'authorization'
