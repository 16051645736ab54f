/**
 * Makes a user code out of random octets: eight letters without vowels, so that no words come about.
 *
 * RFC 8628 §6.1. 20⁸ codes, some 34 bits: guessing is slowed down where codes are entered. `undefined` when the octets do not
 * suffice, since each that would favour some letters is left out. As it is kept; {@link shownUserCode} says how it is shown.
 */
export function userCode(random: Uint8Array): string | undefined {
  let code = ''
  for (const octet of random) {
    if (octet >= fair) continue
    code += letters[octet % letters.length]
    if (code.length === length) return code
  }
  return undefined
}

/** `WDJBMJHT` as `WDJB-MJHT`. */
export function shownUserCode(code: string): string {
  return `${code.slice(0, length / 2)}-${code.slice(length / 2)}`
}

const letters = 'BCDFGHJKLMNPQRSTVWXZ'
const length = 8
/** The greatest multiple of the number of letters that an octet can reach. */
const fair: number = 256 - (256 % letters.length)
