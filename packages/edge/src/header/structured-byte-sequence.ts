import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { strictBase64 } from './strict-base64.ts'

/** A text that is no structured field of the expected kind. */
export type StructuredFieldFailure = 'structured_field' | 'base64'

/**
 * Reads a structured field Item that is a Byte Sequence without parameters (RFC 9651 §3.3.5, §4.2.7).
 *
 * Stricter than the RFC: padding must be there and its bits zero, because a certificate has one spelling.
 */
export function structuredByteSequence(value: string): Result<Uint8Array, StructuredFieldFailure> {
  const text = trimSpaces(value)
  if (text.length < 2 || !text.startsWith(':') || !text.endsWith(':')) return fail('structured_field')
  return between(text.slice(1, -1))
}

/** Reads a structured field List whose members are Byte Sequences without parameters (RFC 9651 §4.2.1). */
export function structuredByteSequenceList(
  value: string,
  most: number,
): Result<readonly Uint8Array[], StructuredFieldFailure | 'too_many_certificates'> {
  const text = trimSpaces(value)
  const members: Uint8Array[] = []
  let at = 0
  while (at < text.length) {
    if (members.length === most) return fail('too_many_certificates')
    if (text[at] !== ':') return fail('structured_field')
    const end = text.indexOf(':', at + 1)
    if (end < 0) return fail('structured_field')
    const member = between(text.slice(at + 1, end))
    if (!member.ok) return member
    members.push(member.value)
    at = skipOptionalWhitespace(text, end + 1)
    if (at === text.length) return ok(members)
    if (text[at] !== ',') return fail('structured_field')
    at = skipOptionalWhitespace(text, at + 1)
    if (at === text.length) return fail('structured_field')
  }
  return ok(members)
}

function between(base64: string): Result<Uint8Array, StructuredFieldFailure> {
  if (base64.length === 0) return ok(new Uint8Array(0))
  const bytes = strictBase64(base64)
  return bytes === undefined ? fail('base64') : ok(bytes)
}

function trimSpaces(value: string): string {
  let start = 0
  let end = value.length
  while (value.charCodeAt(start) === 0x20) start++
  while (end > start && value.charCodeAt(end - 1) === 0x20) end--
  return value.slice(start, end)
}

function skipOptionalWhitespace(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09) at++
  return at
}
