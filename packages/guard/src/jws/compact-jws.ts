import { isUtf8 } from 'node:buffer'

import { fail, ok } from '@holdfast/core'
import type { ResourceRequestFailure, Result } from '@holdfast/core'

/** What the header of a JWS says about how it was signed. Nothing in it is verified. */
export interface JwsHeader {
  readonly algorithm: string
  readonly keyId: string | undefined
  readonly type: string | undefined
}

/** A compact JWS taken apart. Nothing in it is verified. */
export interface CompactJws {
  readonly header: JwsHeader
  /** ASCII of `header.payload`: what the signature covers. */
  readonly signingInput: Buffer
  readonly payload: Buffer
  readonly signature: Buffer
}

export type CompactJwsFailure = Extract<
  ResourceRequestFailure,
  { readonly reason: 'token_too_long' | 'token_malformed' | 'token_header_critical' }
>

/** Reads the first segment of a JWS: {@link jwsHeader}, or the same with a memory. */
export type JwsHeaderReader = (segment: string) => Result<JwsHeader, CompactJwsFailure>

/**
 * Takes a compact JWS apart without believing anything in it.
 *
 * Exactly three segments in canonical base64url. The size is limited before anything is decoded. RFC 7515 §5.2.
 *
 * Next to the parser in core, this one leaves the payload as bytes, decodes natively and so fits the hot path.
 */
export function compactJws(
  token: string,
  readHeader: JwsHeaderReader = jwsHeader,
): Result<CompactJws, CompactJwsFailure> {
  if (token.length > LONGEST_TOKEN)
    return fail({ reason: 'token_too_long', length: token.length, limit: LONGEST_TOKEN })
  if (Buffer.byteLength(token) !== token.length) return malformed('not_ascii')
  const firstDot = token.indexOf('.')
  const secondDot = token.indexOf('.', firstDot + 1)
  if (firstDot < 1 || secondDot === -1 || token.indexOf('.', secondDot + 1) !== -1) return malformed('not_three_parts')

  const header = readHeader(token.slice(0, firstDot))
  if (!header.ok) return header
  const payload = canonicalBase64url(token.slice(firstDot + 1, secondDot))
  if (payload === undefined) return malformed('payload_not_base64url')
  const signature = canonicalBase64url(token.slice(secondDot + 1))
  if (signature === undefined || signature.length === 0) return malformed('signature_not_base64url')
  const signingInput = Buffer.from(token.slice(0, secondDot), 'latin1')
  return ok({ header: header.value, signingInput, payload, signature })
}

/**
 * Reads a protected header: a JSON object with a string `alg`.
 *
 * Every `crit` is refused, because no extension is understood here (RFC 7515 §4.1.11). `jwk`, `jku`, `x5c`, `x5u` are not
 * read: a key never comes from the token.
 */
export function jwsHeader(segment: string): Result<JwsHeader, CompactJwsFailure> {
  const bytes = canonicalBase64url(segment)
  if (bytes === undefined) return malformed('header_not_base64url')
  const header = jsonObject(bytes)
  if (header === undefined) return malformed('header_not_an_object')
  const { alg, kid, typ, crit, zip } = header
  if (typeof alg !== 'string') return malformed('alg_missing')
  if (kid !== undefined && typeof kid !== 'string') return malformed('kid_not_text')
  if (typ !== undefined && typeof typ !== 'string') return malformed('typ_not_text')
  if (crit !== undefined) return fail({ reason: 'token_header_critical', critical: JSON.stringify(crit).slice(0, 100) })
  if (zip !== undefined) return malformed('compressed')
  return ok({ algorithm: alg, keyId: kid, type: typ })
}

/** {@link jwsHeader} that reads the same header only once: all tokens of an issuer's key begin alike. */
export function rememberingJwsHeader(): JwsHeaderReader {
  let lastSegment: string | undefined
  let lastHeader: ReturnType<JwsHeaderReader> | undefined
  return (segment) => {
    if (segment === lastSegment && lastHeader !== undefined) return lastHeader
    const header = jwsHeader(segment)
    if (header.ok) {
      // A copy, because a slice would keep the whole token alive.
      lastSegment = Buffer.from(segment, 'latin1').toString('latin1')
      lastHeader = header
    }
    return header
  }
}

/** The bytes as a JSON object, or `undefined` when they are anything else. */
export function jsonObject(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  if (!isUtf8(bytes)) return undefined
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

// Exactly one spelling is taken (RFC 7515 §2). Of ASCII, Node's decoder passes over what it does not know, takes the ordinary
// alphabet too and ignores the bits behind the last byte: so no character may be lost, none be of the other alphabet, and
// those bits be zero. Encoding back would say the same and costs as much as everything else here.
function canonicalBase64url(ascii: string): Buffer | undefined {
  const { length } = ascii
  const bytes = Buffer.from(ascii, 'base64url')
  if (bytes.length !== (length * 3) >> 2 || ascii.includes('+') || ascii.includes('/')) return undefined
  switch (length % 4) {
    case 0:
      return bytes
    case 2:
      return 'AQgw'.includes(ascii.charAt(length - 1)) ? bytes : undefined
    case 3:
      return 'AEIMQUYcgkosw048'.includes(ascii.charAt(length - 1)) ? bytes : undefined
    default:
      return undefined
  }
}

function malformed(problem: string): Result<never, CompactJwsFailure> {
  return fail({ reason: 'token_malformed', problem })
}

// Node refuses header blocks above 16 KiB, and no sensible access token comes near.
const LONGEST_TOKEN = 16_384
