/**
 * The `error` of the Bearer challenge in `WWW-Authenticate`, or `undefined` when there is no such challenge or it names none.
 *
 * Several challenges may stand in one header (RFC 9110 §11.6.1): only parameters behind `Bearer` and before the next scheme
 * count. RFC 6750 §3.
 */
export function bearerChallengeError(header: string | null): string | undefined {
  if (header === null || header.length > LONGEST_HEADER) return undefined
  let inBearer = false
  for (const match of header.matchAll(PIECE)) {
    const [, scheme, name, quoted, plain] = match
    if (scheme !== undefined) inBearer = scheme.toLowerCase() === 'bearer'
    else if (inBearer && name?.toLowerCase() === 'error') return quoted?.replaceAll(/\\(.)/g, '$1') ?? plain
  }
  return undefined
}

// A parameter (name = "quoted" or token), or else a word, which is a scheme or its token68.
const TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+"
const PIECE = new RegExp(
  `(?:(${TOKEN})(?![A-Za-z0-9!#$%&'*+.^_\`|~-]|[ \\t]*=))|(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))`,
  'g',
)
// Searching is quadratic in a hostile header.
const LONGEST_HEADER = 2048
