import type { EdgeRequest } from '@holdfast/edge'

/** The body of a form as text, or why there is none. `gone`: nobody is there any more to be answered. */
export type FormBody =
  { readonly outcome: 'read'; readonly text: string } | { readonly outcome: 'too_large' } | { readonly outcome: 'gone' }

/**
 * Reads a body of at most `limit` bytes and calls `done` once.
 *
 * A body that is somewhat larger is read to its end and thrown away: a proxy that is still sending when the connection
 * closes would answer 502 in place of what we say.
 *
 * Each byte becomes one character, so that a foreign byte is seen by the form's parser as what it is.
 */
export function readFormBody(request: EdgeRequest, limit: number, done: (body: FormBody) => void): void {
  const announced = request.headers['content-length']
  if (typeof announced === 'string' && Number(announced) > limit + mostThrownAway) return done({ outcome: 'too_large' })
  let text = ''
  let length = 0
  let ended = false
  const end = (body: FormBody): void => {
    if (ended) return
    ended = true
    done(body)
  }
  request.on('data', (chunk: Buffer) => {
    if (ended) return
    length += chunk.length
    if (length > limit + mostThrownAway) end({ outcome: 'too_large' })
    else if (length <= limit) text += chunk.toString('latin1')
  })
  request.on('end', () => end(length > limit ? { outcome: 'too_large' } : { outcome: 'read', text }))
  request.on('error', () => end({ outcome: 'gone' }))
  request.on('close', () => end({ outcome: 'gone' }))
}

/** What a proxy has under way before it looks for an answer; more only costs a proxy's client a worse message. */
const mostThrownAway = 1024 * 1024
