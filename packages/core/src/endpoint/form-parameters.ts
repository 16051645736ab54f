import { fail, ok, type Result } from '@holdfast/x509'
import { formDecode } from '../client-authentication/form-decode.ts'
import type { RequestFailure } from '../protocol-error/failure.ts'

/** The parameters of a form, each at most once and never empty. Foreign names are safe: it is a map. */
export type FormParameters = ReadonlyMap<string, string>

/**
 * Parses the body of a request to a back-channel endpoint.
 *
 * `text` is the body as `application/x-www-form-urlencoded`, decoded as ASCII or UTF-8. A parameter without a value counts
 * as absent, a repeated one is refused (RFC 6749 §3.2). RFC 8707 §2 allows several `resource`; one token for one resource is
 * our rule, told as `invalid_target`.
 */
export function parseFormParameters(text: string): Result<FormParameters, RequestFailure> {
  if (text.length > maximumLength) return fail({ reason: 'form_too_large', limit: maximumLength })
  const foreign = text.search(outsideOfForms)
  if (foreign !== -1) return fail({ reason: 'form_malformed', position: foreign })
  const form = new Map<string, string>()
  let empty: Set<string> | undefined
  const encoded = text.includes('%') || text.includes('+')
  let count = 0
  for (let start = 0; start < text.length;) {
    let end = text.indexOf('&', start)
    if (end === -1) end = text.length
    if (end > start) {
      if (++count > maximumParameters) return fail({ reason: 'form_too_many_parameters', limit: maximumParameters })
      const equals = text.indexOf('=', start)
      const nameEnd = equals === -1 || equals > end ? end : equals
      const writtenName = text.slice(start, nameEnd)
      const writtenValue = text.slice(nameEnd + 1, end)
      const name = encoded ? formDecode(writtenName) : writtenName
      const value = encoded ? formDecode(writtenValue) : writtenValue
      if (name === undefined || value === undefined) return fail({ reason: 'form_malformed', position: start })
      if (form.has(name) || empty?.has(name)) {
        return fail(
          name === 'resource' ? { reason: 'resource_repeated' } : { reason: 'parameter_repeated', parameter: name },
        )
      }
      if (value === '') (empty ??= new Set()).add(name)
      else form.set(name, value)
    }
    start = end + 1
  }
  return ok(form)
}

/** A blank should be written `+`; programs that are told a form in words leave it as it is, and it can mean nothing else (URL §5.1). */
const outsideOfForms = /[^\x20-\x7e]/

/** No request of these endpoints comes near: an assertion may have 16 KB. */
const maximumLength = 65_536
const maximumParameters = 100
