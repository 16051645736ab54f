/**
 * Makes the doorkeeper of the memory of verified tokens: says whether a token, verified anew, has been here lately.
 *
 * Tokens that are seen once must not fill the memory: they would push out those that come again, and keep the garbage
 * collector busy. Only a mark of 32 bits is left of them, in a table of fixed size. A mark that another token left by
 * chance lets a token in a little early, which costs nothing: all of them are verified.
 */
export function createCameBack(): (token: string) => boolean {
  const marks = new Uint32Array(TABLE_SIZE)
  return (token) => {
    const mark = markOf(token)
    const slot = mark % TABLE_SIZE
    if (marks[slot] === mark) return true
    marks[slot] = mark
    return false
  }
}

// The end of a signature is as good as random; 0 is the empty slot.
function markOf(token: string): number {
  let mark = 1
  for (let index = Math.max(0, token.length - MARKED_CHARACTERS); index < token.length; index += 1) {
    mark = (Math.imul(mark, 31) + token.charCodeAt(index)) >>> 0
  }
  return mark === 0 ? 1 : mark
}

const MARKED_CHARACTERS = 16
// 64 KiB; a prime, so that all of the mark chooses the slot.
const TABLE_SIZE = 16_381
