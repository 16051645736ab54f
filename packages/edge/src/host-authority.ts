import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { serverName } from './server-name.ts'

/** The authority of a request: a host name in the form that is compared, and the port when one was written. */
export interface HostAuthority {
  readonly host: string
  readonly port: number | undefined
}

export interface HostAuthorityFailure {
  /** `host_not_a_name`: a well-formed address, which is nobody's name here. */
  readonly reason: 'host_malformed' | 'host_not_a_name'
}

/**
 * Reads a `Host` or `:authority` value: `name`, `name:port`; upper case and one trailing dot are brought to one form.
 *
 * User information, paths, lists and blanks are malformed (RFC 9110 §7.2, RFC 9112 §3.2).
 */
export function hostAuthority(value: string): Result<HostAuthority, HostAuthorityFailure> {
  if (value.length > longestAuthority) return malformed
  const bracket = value.startsWith('[') ? value.indexOf(']') : 0
  if (bracket < 0) return malformed
  const colon = value.indexOf(':', bracket)
  const host = colon < 0 ? value : value.slice(0, colon)
  const port = colon < 0 ? '' : value.slice(colon + 1)
  if (!decimalPort.test(port) || Number(port) > 65_535) return malformed
  if (bracket > 0) return ipv6Literal.test(host) ? notAName : malformed
  const name = serverName(host)
  if (!name.ok) return name.failure.detail === 'ip_literal' ? notAName : malformed
  return ok({ host: name.value, port: port === '' ? undefined : Number(port) })
}

const malformed = fail<HostAuthorityFailure>({ reason: 'host_malformed' })
const notAName = fail<HostAuthorityFailure>({ reason: 'host_not_a_name' })
const decimalPort = /^[0-9]{0,5}$/
const ipv6Literal = /^\[[0-9a-fA-F:.]+\]$/
/** A name of 253 characters, a dot, a colon and a port; brackets never come near it. */
const longestAuthority = 260
