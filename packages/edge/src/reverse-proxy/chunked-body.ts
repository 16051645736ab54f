/** What came of a piece: nothing more yet, the end with so many bytes of the piece used, or a fault. */
export type ChunkedProgress = { readonly at: 'inside' | 'fault' } | { readonly at: 'end'; readonly used: number }

/**
 * Makes the reader of one chunked body (RFC 9112 §7.1); what is inside goes to `data`. Extensions and trailers are left out.
 *
 * Strict: a size has at most eight hexadecimal digits, each line ends with CR LF, and the lines together are bounded.
 */
export function chunkedBody(data: (piece: Buffer) => void): (piece: Buffer) => ChunkedProgress {
  let state: 'size' | 'data' | 'data-end' | 'trailer' = 'size'
  let line = ''
  let left = 0
  let overhead = 0

  /** The rest of a line, without its end; `undefined` while it has none. */
  function takeLine(piece: Buffer, at: number): { readonly text: string; readonly next: number } | undefined {
    const end = piece.indexOf(lineFeed, at)
    if (end < 0) {
      line += piece.toString('latin1', at)
      return undefined
    }
    const text = line + piece.toString('latin1', at, end)
    line = ''
    return { text, next: end + 1 }
  }

  return (piece) => {
    let at = 0
    while (at < piece.length) {
      if (state === 'data') {
        const end = Math.min(at + left, piece.length)
        data(piece.subarray(at, end))
        left -= end - at
        at = end
        if (left === 0) state = 'data-end'
        continue
      }
      const before = at
      const taken = takeLine(piece, at)
      overhead += (taken?.next ?? piece.length) - before
      if ((taken?.text ?? line).length > longestLine || overhead > mostOverhead) return { at: 'fault' }
      if (taken === undefined) return inside
      at = taken.next
      const { text } = taken
      if (!text.endsWith('\r')) return { at: 'fault' }
      if (state === 'data-end') {
        if (text !== '\r') return { at: 'fault' }
        state = 'size'
      } else if (state === 'size') {
        const size = sizeLine.exec(text)?.[1]
        if (size === undefined) return { at: 'fault' }
        left = Number.parseInt(size, 16)
        state = left === 0 ? 'trailer' : 'data'
        // Chunks of a byte each are slow, and no fault: only lines without a chunk add up.
        if (left > 0) overhead = 0
      } else if (text === '\r') return { at: 'end', used: at }
      else if (!trailerLine.test(text)) return { at: 'fault' }
    }
    return inside
  }
}

const inside: ChunkedProgress = { at: 'inside' }
const lineFeed = 0x0a
const sizeLine = /^([0-9A-Fa-f]{1,8})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?\r$/
const trailerLine = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r$/
/** Bytes of one line: a size with an extension, or a trailer. */
const longestLine = 4_096
/** Bytes of lines between two chunks, and of all trailers. */
const mostOverhead = 16_384
