import { fail, ok, type Result } from '@holdfast/x509'

/**
 * Parses a scope into its distinct values, in order (RFC 6749 §3.3).
 *
 * Several blanks in a row, or none where one must be, are malformed: the grammar allows exactly one.
 */
export function parseScope(
  text: string,
): Result<readonly string[], { readonly reason: 'scope_malformed'; readonly position: number }> {
  const values = text.split(' ')
  let position = 0
  for (const value of values) {
    if (!scopeToken.test(value)) return fail({ reason: 'scope_malformed', position })
    position += value.length + 1
  }
  return ok(values.length === 1 ? values : [...new Set(values)])
}

const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/
