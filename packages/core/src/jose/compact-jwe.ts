import { fail, ok, type Result } from '@holdfast/x509'
import { decodeBase64url } from './base64url.ts'

/** The header of a JWE in compact form; nothing is decrypted (RFC 7516 §3.1). */
export interface CompactJwe {
  readonly text: string
  readonly alg: string
  readonly enc: string
  readonly kid: string | undefined
}

export type CompactJweProblem =
  | 'too_long'
  | 'not_five_parts'
  | 'header_not_base64url'
  | 'header_not_an_object'
  | 'alg_missing'
  | 'enc_missing'
  | 'kid_not_text'
  | 'part_not_base64url'
  | 'compressed'
  | 'critical'

/** Whether a text is a JWE rather than a JWS, by the number of its parts (RFC 7516 §9). */
export function isCompactJwe(text: string): boolean {
  let dots = 0
  for (let at = text.indexOf('.'); at !== -1 && dots <= 4; at = text.indexOf('.', at + 1)) dots++
  return dots === 4
}

/**
 * Reads the header of a JWE, before any key is used.
 *
 * `zip` is refused: what is small when it comes may be huge when it is unpacked, and compression tells about what is inside
 * (RFC 8725 §3.6). So is `crit`: no extension is understood here (RFC 7516 §4.1.13).
 */
export function parseCompactJwe(text: string): Result<CompactJwe, CompactJweProblem> {
  if (text.length > maximumLength) return fail('too_long')
  if (!isCompactJwe(text)) return fail('not_five_parts')
  const [first = '', ...others] = text.split('.')
  const octets = decodeBase64url(first)
  if (octets === undefined || first === '') return fail('header_not_base64url')
  const header = jsonObject(octets)
  if (header === undefined) return fail('header_not_an_object')
  if (Object.hasOwn(header, 'zip')) return fail('compressed')
  if (Object.hasOwn(header, 'crit')) return fail('critical')
  const { alg, enc, kid } = header as Readonly<Partial<Record<'alg' | 'enc' | 'kid', unknown>>>
  if (typeof alg !== 'string') return fail('alg_missing')
  if (typeof enc !== 'string') return fail('enc_missing')
  if (kid !== undefined && typeof kid !== 'string') return fail('kid_not_text')
  if (others.some((part) => decodeBase64url(part) === undefined)) return fail('part_not_base64url')
  return ok({ text, alg, enc, kid })
}

function jsonObject(octets: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

/** The longest signed object that is read, once more in base64, with header, wrapped key and tag. */
const maximumLength = 24_576
