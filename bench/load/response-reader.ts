/** Finds where one HTTP/1.1 response with a content-length ends, looking first where the last one had its length. */
export interface ResponseReader {
  /** Length of the whole response at the start of `bytes`, or 0 while it is incomplete. Throws on what it cannot measure. */
  responseLength(bytes: Buffer, length: number): number
  /** Of the last complete response. */
  readonly status: number
  readonly bodyStart: number
}

export function responseReader(): ResponseReader {
  let lengthAt = 0
  const reader = { status: 0, bodyStart: 0, responseLength }
  return reader

  function responseLength(bytes: Buffer, length: number): number {
    if (length < shortestHead) return 0
    const headEnd = bytes.indexOf('\r\n\r\n')
    if (headEnd < 0 || headEnd + 4 > length) return 0
    if (lengthAt > headEnd || !namesLength(bytes, lengthAt)) lengthAt = findLength(bytes, headEnd)
    let bodyLength = 0
    for (let at = lengthAt; ; at++) {
      const digit = (bytes[at] ?? 0) - zero
      if (digit < 0 || digit > 9) break
      bodyLength = bodyLength * 10 + digit
    }
    const total = headEnd + 4 + bodyLength
    if (total > length) return 0
    reader.status = ((bytes[9] ?? 0) - zero) * 100 + ((bytes[10] ?? 0) - zero) * 10 + ((bytes[11] ?? 0) - zero)
    reader.bodyStart = headEnd + 4
    return total
  }
}

function namesLength(bytes: Buffer, at: number): boolean {
  return (
    at > fieldName.length &&
    bytes[at - fieldName.length - 1] === lf &&
    bytes.toString('latin1', at - fieldName.length, at).toLowerCase() === fieldName
  )
}

function findLength(bytes: Buffer, headEnd: number): number {
  const at = bytes.toString('latin1', 0, headEnd).toLowerCase().indexOf(`\n${fieldName}`)
  if (at < 0) throw new Error(`a response without content-length: ${bytes.toString('latin1', 0, headEnd)}`)
  return at + 1 + fieldName.length
}

const fieldName = 'content-length: '
const shortestHead = 16
const zero = 48
const lf = 10
