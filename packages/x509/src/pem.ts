import { fail, ok, type Result } from './result.ts'

/** Why text is not the PEM that was asked for. `line` counts from 1. */
export interface PemFailure {
  readonly reason:
    | 'pem_too_long'
    | 'pem_no_block'
    | 'pem_text_outside_block'
    | 'pem_label_unexpected'
    | 'pem_block_not_closed'
    | 'pem_line_malformed'
    | 'pem_base64_malformed'
    | 'pem_block_empty'
  readonly line: number
  /** The label that was found, when another was asked for. */
  readonly label?: string
}

/**
 * Reads the blocks of a PEM text; only empty lines may stand between them.
 *
 * Strict form of RFC 7468 §3: lines of at most 76 base64 characters, no headers, one kind of label (`CERTIFICATE` if not said).
 */
export function decodePem(text: string, label: string = 'CERTIFICATE'): Result<readonly Uint8Array[], PemFailure> {
  if (text.length > MAXIMUM_TEXT) return fail({ reason: 'pem_too_long', line: 1 })
  const lines = text.split(/\r\n|\n|\r/)
  const blocks: Uint8Array[] = []
  let body: string | undefined
  for (const [index, line] of lines.entries()) {
    const number = index + 1
    const trimmed = line.trimEnd()
    if (body === undefined) {
      if (trimmed === '') continue
      const begun = /^-----BEGIN ([A-Z0-9 ]{1,64})-----$/.exec(trimmed)?.[1]
      if (begun === undefined) return fail({ reason: 'pem_text_outside_block', line: number })
      if (begun !== label) return fail({ reason: 'pem_label_unexpected', line: number, label: begun })
      body = ''
    } else if (trimmed.startsWith('-----')) {
      if (trimmed !== `-----END ${label}-----`) return fail({ reason: 'pem_block_not_closed', line: number })
      const der = decodeBase64(body)
      if (der === undefined) return fail({ reason: 'pem_base64_malformed', line: number })
      if (der.length === 0) return fail({ reason: 'pem_block_empty', line: number })
      blocks.push(der)
      body = undefined
    } else if (trimmed !== '' || number < lines.length) {
      if (trimmed.length > 76 || !/^[A-Za-z0-9+/=]+$/.test(trimmed))
        return fail({ reason: 'pem_line_malformed', line: number })
      body += trimmed
    }
  }
  if (body !== undefined) return fail({ reason: 'pem_block_not_closed', line: lines.length })
  return blocks.length === 0 ? fail({ reason: 'pem_no_block', line: 1 }) : ok(blocks)
}

/** Writes one PEM block with a closing line break. RFC 7468 §3. */
export function encodePem(der: Uint8Array, label: string): string {
  const lines = encodeBase64(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.map((line) => `${line}\n`).join('')}-----END ${label}-----\n`
}

/** Octets of padded base64 in its one canonical spelling, or undefined. RFC 4648 §4, §3.5. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  if (text.length % 4 !== 0) return undefined
  const octets = new Uint8Array((text.length / 4) * 3 - padding)
  const digits = text.length - padding
  let bits = 0
  let collected = 0
  let at = 0
  for (let index = 0; index < digits; index++) {
    const digit = base64Digit(text.charCodeAt(index))
    if (digit === -1) return undefined
    bits = ((bits << 6) | digit) & 0xffffff
    collected += 6
    if (collected >= 8) {
      collected -= 8
      octets[at++] = (bits >> collected) & 0xff
    }
  }
  return (bits & ((1 << collected) - 1)) === 0 ? octets : undefined
}

function encodeBase64(octets: Uint8Array): string {
  let text = ''
  for (let at = 0; at < octets.length; at += 3) {
    const bits = (octets[at]! << 16) | ((octets[at + 1] ?? 0) << 8) | (octets[at + 2] ?? 0)
    const left = octets.length - at
    text += ALPHABET[bits >> 18]! + ALPHABET[(bits >> 12) & 63]!
    text += left > 1 ? ALPHABET[(bits >> 6) & 63]! : '='
    text += left > 2 ? ALPHABET[bits & 63]! : '='
  }
  return text
}

function base64Digit(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code - 0x41
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 26
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 52
  return code === 0x2b ? 62 : code === 0x2f ? 63 : -1
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** A bundle of all public roots takes 250 kB; a CRL of a million entries, 60 MB. */
const MAXIMUM_TEXT = 100_000_000
