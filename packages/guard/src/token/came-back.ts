/**
 * Makes the doorkeeper of the memory of verified tokens: says whether a token, verified anew, has been here lately.
 *
 * Tokens that are seen once must not fill the memory: they would push out those that come again, and keep the garbage
 * collector busy. Only a mark of 30 bits is left of them, in two generations of bounded size. A mark that another token left
 * by chance lets a token in a little early, which costs nothing: all of them are verified.
 */
export function createCameBack(): (token: string) => boolean {
  let young = new Set<number>()
  let old = new Set<number>()
  return (token) => {
    const mark = markOf(token)
    if (young.has(mark) || old.has(mark)) return true
    if (young.size >= MARKS_PER_GENERATION) {
      old = young
      young = new Set()
    }
    young.add(mark)
    return false
  }
}

// The end of a signature is as good as random. Small integers need no memory of their own.
function markOf(token: string): number {
  let mark = 0
  for (let index = Math.max(0, token.length - MARKED_CHARACTERS); index < token.length; index += 1) {
    mark = (Math.imul(mark, 31) + token.charCodeAt(index)) & SMALL_INTEGER
  }
  return mark
}

const MARKED_CHARACTERS = 16
const SMALL_INTEGER = 0x3fffffff
// About 300 KiB for both; more tokens than the memory itself holds.
const MARKS_PER_GENERATION = 16_384
