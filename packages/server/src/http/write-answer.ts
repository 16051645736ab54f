import type { EdgeRequest, EdgeResponse } from '@holdfast/edge'
import type { BrowserAnswer } from './browser-answer.ts'

/** Headers that go with every answer, name and value in turn. */
export type StandingHeaders = readonly string[]

/** `Strict-Transport-Security` only where browsers come: on the main host of an https issuer (RFC 6797 §7.2). */
export function standingHeaders(strictTransport: 'yes' | 'no'): StandingHeaders {
  const always = ['x-content-type-options', 'nosniff']
  return strictTransport === 'yes' ? [...always, 'strict-transport-security', `max-age=${oneYear}`] : always
}

/** Writes the whole answer at once; for HEAD without its body. */
export function writeAnswer(
  request: EdgeRequest,
  response: EdgeResponse,
  answer: BrowserAnswer,
  standing: StandingHeaders,
): void {
  if (response.headersSent || response.destroyed) return
  const { body } = answer
  const headers: (string | number)[] = []
  for (const name in answer.headers) headers.push(name, answer.headers[name] as string)
  if (answer.cookies !== undefined) for (const line of answer.cookies) headers.push('set-cookie', line)
  for (const text of standing) headers.push(text)
  if (answer.status !== noContent) headers.push('content-length', Buffer.byteLength(body))
  response.writeHead(answer.status, headers)
  if (request.method === 'HEAD' || answer.status === noContent) response.end()
  else response.end(body)
}

const noContent = 204
const oneYear = 31_536_000
