import type { EdgeRequest } from '@holdfast/edge'

/** The body of a form as text, or why there is none. `gone`: nobody is there any more to be answered. */
export type FormBody =
  { readonly outcome: 'read'; readonly text: string } | { readonly outcome: 'too_large' } | { readonly outcome: 'gone' }

/**
 * Reads a body of at most `limit` bytes and calls `done` once.
 *
 * Each byte becomes one character, so that a foreign byte is seen by the form's parser as what it is.
 */
export function readFormBody(request: EdgeRequest, limit: number, done: (body: FormBody) => void): void {
  const announced = request.headers['content-length']
  if (typeof announced === 'string' && Number(announced) > limit) return done({ outcome: 'too_large' })
  let text = ''
  let ended = false
  const end = (body: FormBody): void => {
    if (ended) return
    ended = true
    done(body)
  }
  request.on('data', (chunk: Buffer) => {
    if (ended) return
    if (text.length + chunk.length > limit) end({ outcome: 'too_large' })
    else text += chunk.toString('latin1')
  })
  request.on('end', () => end({ outcome: 'read', text }))
  request.on('error', () => end({ outcome: 'gone' }))
  request.on('close', () => end({ outcome: 'gone' }))
}
