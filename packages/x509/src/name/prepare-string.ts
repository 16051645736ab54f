import { CASE_FOLDING_EXPANDED, CASE_FOLDING_EXPANSIONS, CASE_FOLDING_RUNS, UNASSIGNED } from './rfc3454-tables.ts'

/**
 * Prepares a string for caseIgnoreMatch: two strings match exactly when their prepared forms are equal.
 *
 * Undefined when the string holds a prohibited code point, so that no match can be evaluated.
 * RFC 4518 §2, with the full case folding of RFC 3454 B.2. Insignificant spaces are taken out instead of doubled, which
 * makes the same strings equal.
 */
export function prepareString(text: string): string | undefined {
  return prepareAscii(text) ?? prepareUnicode(text)
}

function prepareAscii(text: string): string | undefined {
  let plain = true
  let previous = SPACE
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0x7e || code < SPACE) return undefined
    if (code === SPACE && previous === SPACE) plain = false
    previous = code
  }
  if (text.length === 0) return ' '
  const folded = text.toLowerCase()
  if (plain && previous !== SPACE) return folded
  return withoutInsignificantSpaces(folded)
}

function prepareUnicode(text: string): string | undefined {
  let mapped = ''
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code < 0x80 ? code >= SPACE && code !== 0x7f : !(isSpace(code) || isMappedToNothing(code))) {
      mapped += foldCase(character, code)
    } else if (isSpace(code)) mapped += ' '
  }
  const normalized = mapped.normalize('NFKC')
  for (const character of normalized) if (isProhibited(character.codePointAt(0)!)) return undefined
  return withoutInsignificantSpaces(normalized)
}

/** RFC 4518 §2.2: controls that separate, and every Separator of Unicode 3.2. */
function isSpace(code: number): boolean {
  if (code < 0x80) return code === SPACE || (code >= 0x09 && code <= 0x0d)
  return inPairs(SPACES, code)
}

/** RFC 4518 §2.2: what is invisible and carries no meaning for a name. */
function isMappedToNothing(code: number): boolean {
  return code < 0x80 ? code < SPACE || code === 0x7f : inPairs(NOTHING, code)
}

/** RFC 3454 B.2. */
function foldCase(character: string, code: number): string {
  if (code < 0x80) return code >= 0x41 && code <= 0x5a ? String.fromCharCode(code + 32) : character
  let low = 0
  let high = CASE_FOLDING_RUNS.length / 4 - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const first = CASE_FOLDING_RUNS[middle * 4]!
    if (code < first) high = middle - 1
    else if (code > CASE_FOLDING_RUNS[middle * 4 + 1]!) low = middle + 1
    else if ((code - first) % CASE_FOLDING_RUNS[middle * 4 + 2]! === 0) {
      return String.fromCodePoint(code + CASE_FOLDING_RUNS[middle * 4 + 3]!)
    } else break
  }
  const expanded = CASE_FOLDING_EXPANDED.indexOf(code)
  return expanded === -1 ? character : CASE_FOLDING_EXPANSIONS[expanded]!
}

/** RFC 4518 §2.4: unassigned in Unicode 3.2, private use, non-characters, surrogates, U+FFFD. */
function isProhibited(code: number): boolean {
  if (code < 0x80) return false
  if (code >= 0xd800 && code <= 0xf8ff) return true
  if (code === 0xfffd || code >= 0xf0000 || (code & 0xfffe) === 0xfffe || (code >= 0xfdd0 && code <= 0xfdef))
    return true
  return inPairs(UNASSIGNED, code)
}

/** RFC 4518 §2.6.1. A space that carries a combining mark is a character. */
function withoutInsignificantSpaces(text: string): string {
  const words = text.split(/ +(?!\p{M})/u).filter((word) => word !== '')
  return words.length === 0 ? ' ' : words.join(' ')
}

function inPairs(pairs: readonly number[], code: number): boolean {
  let low = 0
  let high = pairs.length / 2 - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    if (code < pairs[middle * 2]!) high = middle - 1
    else if (code > pairs[middle * 2 + 1]!) low = middle + 1
    else return true
  }
  return false
}

const SPACE = 0x20

/** Pairs of (first, last), beyond ASCII. */
const SPACES: readonly number[] = [
  0x85, 0x85, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000,
  0x3000,
]

/** Pairs of (first, last), beyond ASCII. */
const NOTHING: readonly number[] = [
  0x80, 0x84, 0x86, 0x9f, 0xad, 0xad, 0x34f, 0x34f, 0x6dd, 0x6dd, 0x70f, 0x70f, 0x1806, 0x1806, 0x180b, 0x180e, 0x200b,
  0x200f, 0x202a, 0x202e, 0x2060, 0x2063, 0x206a, 0x206f, 0xfe00, 0xfe0f, 0xfeff, 0xfeff, 0xfff9, 0xfffc, 0x1d173,
  0x1d17a, 0xe0001, 0xe0001, 0xe0020, 0xe007f,
]
