import { fail, ok, type Result } from '@holdfast/x509'
import { decodeBase64url } from './base64url.ts'

/** A JWS in compact form, taken apart; nothing is verified (RFC 7515 §3.1). */
export interface CompactJws {
  readonly header: JoseHeader
  /** The payload as a JSON object. */
  readonly claims: Readonly<Record<string, unknown>>
  /** What the signature is over: the first two parts with their dot, ASCII. */
  readonly signingInput: string
  readonly signature: Uint8Array
}

/** The header members that are looked at. Keys in a header (`jwk`, `jku`, `x5c`, `x5u`) are never read. */
export interface JoseHeader {
  readonly alg: string
  readonly kid: string | undefined
  readonly typ: string | undefined
}

export type CompactJwsFailure =
  | { readonly reason: 'too_long'; readonly length: number; readonly limit: number }
  | { readonly reason: 'malformed'; readonly problem: CompactJwsProblem }
  | { readonly reason: 'critical'; readonly critical: string }

export type CompactJwsProblem =
  | 'not_three_parts'
  | 'header_not_base64url'
  | 'header_not_an_object'
  | 'alg_missing'
  | 'kid_not_text'
  | 'typ_not_text'
  | 'payload_not_base64url'
  | 'payload_not_an_object'
  | 'signature_not_base64url'

/**
 * Takes a JWT in compact form apart.
 *
 * A header with `crit` is refused: no extension is understood here (RFC 7515 §4.1.11).
 */
export function parseCompactJws(text: string): Result<CompactJws, CompactJwsFailure> {
  if (text.length > maximumLength) return fail({ reason: 'too_long', length: text.length, limit: maximumLength })
  const first = text.indexOf('.')
  const second = text.indexOf('.', first + 1)
  if (first === -1 || second === -1 || text.includes('.', second + 1)) return malformed('not_three_parts')

  const headerBytes = decodeBase64url(text.slice(0, first))
  if (headerBytes === undefined) return malformed('header_not_base64url')
  const header = jsonObject(headerBytes)
  if (header === undefined) return malformed('header_not_an_object')
  const { alg, kid, typ } = header as { alg?: unknown; kid?: unknown; typ?: unknown }
  if (typeof alg !== 'string') return malformed('alg_missing')
  if (kid !== undefined && typeof kid !== 'string') return malformed('kid_not_text')
  if (typ !== undefined && typeof typ !== 'string') return malformed('typ_not_text')
  if (Object.hasOwn(header, 'crit')) return fail({ reason: 'critical', critical: criticalNames(header['crit']) })

  const payloadBytes = decodeBase64url(text.slice(first + 1, second))
  if (payloadBytes === undefined) return malformed('payload_not_base64url')
  const claims = jsonObject(payloadBytes)
  if (claims === undefined) return malformed('payload_not_an_object')
  const signature = decodeBase64url(text.slice(second + 1))
  if (signature === undefined) return malformed('signature_not_base64url')
  return ok({ header: { alg, kid, typ }, claims, signingInput: text.slice(0, second), signature })
}

function malformed(problem: CompactJwsProblem): Result<never, CompactJwsFailure> {
  return fail({ reason: 'malformed', problem })
}

function jsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

function criticalNames(critical: unknown): string {
  return JSON.stringify(critical).slice(0, 100)
}

const utf8: TextDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A token or assertion with every usual claim has 1 to 4 KB; checked before anything is decoded. */
const maximumLength = 16_384
