import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'

/** The head of an upstream's answer, and how its body is framed. */
export interface AnswerHead {
  readonly status: number
  /** Name, value, …, as written. */
  readonly rawHeaders: readonly string[]
  readonly framing: 'none' | 'length' | 'chunked' | 'until-close'
  /** Bytes, where `framing` is `length`. */
  readonly length: number
  /** Whether another request may follow on the connection. */
  readonly kept: 'yes' | 'no'
}

/** What is wrong with an answer; goes to the operator. */
export type AnswerFault =
  'status_line' | 'header_line' | 'content_length' | 'transfer_encoding' | 'too_long' | 'too_many_headers' | 'chunk'

/**
 * Reads the head of an answer to a request by `method`, without its last empty line (RFC 9112 §4, §5, §6.3).
 *
 * Stricter than the RFC, so that nobody can read the message in two ways: no bare CR or LF, no line folding, no blank before a colon,
 * one `Content-Length` at most and none beside `Transfer-Encoding`, which must be `chunked` and HTTP/1.1. A status above 599 is
 * none (RFC 9110 §15), and cannot be said in HTTP/2 by Node.
 */
export function answerHead(text: string, method: string): Result<AnswerHead, AnswerFault> {
  const lines = text.split('\r\n')
  const status = statusLine.exec(lines[0] ?? '')
  if (status === null) return fail('status_line')
  if (lines.length - 1 > mostLines) return fail('too_many_headers')
  const code = Number(status[2])
  const rawHeaders: string[] = []
  let length: string | undefined
  let coding: string | undefined
  let kept: AnswerHead['kept'] = status[1] === '1' ? 'yes' : 'no'
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    if (colon < 1 || !token.test(name)) return fail('header_line')
    const value = line.slice(colon + 1).trim()
    if (unwritable.test(value)) return fail('header_line')
    rawHeaders.push(name, value)
    switch (name.length) {
      case contentLength.length:
        if (name.toLowerCase() !== contentLength) break
        if (length !== undefined || !digits.test(value)) return fail('content_length')
        length = value
        break
      case transferEncoding.length:
        if (name.toLowerCase() !== transferEncoding) break
        if (coding !== undefined || value.toLowerCase() !== 'chunked') return fail('transfer_encoding')
        coding = value
        break
      case connection.length:
        if (name.toLowerCase() === connection && closes.test(value)) kept = 'no'
        break
    }
  }
  if (coding !== undefined && (length !== undefined || status[1] === '0')) return fail('transfer_encoding')
  if (method === 'HEAD' || code < 200 || code === 204 || code === 304)
    return ok({ status: code, rawHeaders, framing: 'none', length: 0, kept })
  if (coding !== undefined) return ok({ status: code, rawHeaders, framing: 'chunked', length: 0, kept })
  if (length === undefined) return ok({ status: code, rawHeaders, framing: 'until-close', length: 0, kept: 'no' })
  const bytes = Number(length)
  return ok({ status: code, rawHeaders, framing: bytes === 0 ? 'none' : 'length', length: bytes, kept })
}

/** Whether a text can be the name of a header, or a method (RFC 9110 §5.6.2). */
export const token: RegExp = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** What may stand in no header value (RFC 9110 §5.5). */
export const unwritable: RegExp = /[^\t\x20-\x7e\x80-\xff]/

const statusLine = /^HTTP\/1\.([01]) ([1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/
/** Fifteen digits are exact in a number. */
const digits = /^[0-9]{1,15}$/
const closes = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i
const contentLength = 'content-length'
const transferEncoding = 'transfer-encoding'
const connection = 'connection'
/** Applications write a dozen, and some cookies. */
const mostLines = 200
