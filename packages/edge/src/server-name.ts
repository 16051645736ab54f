import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'

/** Why a text is no host name that a TLS name or a `Host` header may carry. */
export interface ServerNameFailure {
  readonly reason: 'server_name_invalid'
  readonly detail: 'empty' | 'too_long' | 'label' | 'character' | 'ip_literal'
}

/**
 * Brings a host name into the one form that is compared: lower-case ASCII, without one trailing dot.
 *
 * Addresses are no names (RFC 6066 §3); what looks like one, `1.2.3.4` or `0x7f.1`, is refused, as are labels that
 * RFC 1123 §2.1 does not know. `_` is let through because container networks use it.
 */
export function serverName(text: string): Result<string, ServerNameFailure> {
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase()
  if (name.length === 0) return refuse('empty')
  if (name.length > longestName) return refuse('too_long')
  if (name.includes(':') || name.includes('[')) return refuse('ip_literal')
  if (!nameCharacters.test(name)) return refuse('character')
  const labels = name.split('.')
  for (const label of labels) {
    if (label.length === 0 || label.length > longestLabel || label.startsWith('-') || label.endsWith('-')) {
      return refuse('label')
    }
  }
  if (numericLabel.test(labels.at(-1) ?? '')) return refuse('ip_literal')
  return ok(name)
}

function refuse(detail: ServerNameFailure['detail']): ReturnType<typeof fail<ServerNameFailure>> {
  return fail({ reason: 'server_name_invalid', detail })
}

const nameCharacters = /^[a-z0-9._-]+$/
/** A last label that URL parsers read as a number makes the whole an IPv4 address (WHATWG URL, "ends in a number"). */
const numericLabel = /^(?:[0-9]+|0x[0-9a-f]*)$/
/** RFC 1035 §2.3.4, as text without the trailing dot. */
const longestName = 253
const longestLabel = 63
