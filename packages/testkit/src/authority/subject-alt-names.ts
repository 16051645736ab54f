import { parseIpAddress } from '@holdfast/x509'
import { type GeneralNameTemplate, type NameTemplate } from '@holdfast/x509/issue'

/** The SAN of a test certificate, by kind, as text. */
export interface SubjectAltNames {
  readonly dns?: readonly string[]
  readonly uri?: readonly string[]
  readonly ip?: readonly string[]
  readonly email?: readonly string[]
  readonly directory?: readonly NameTemplate[]
  readonly other?: readonly { readonly oid: string; readonly value: Uint8Array }[]
}

/** The names in a fixed order: DNS, URI, IP, e-mail, directory, other. */
export function subjectAltNames(names: SubjectAltNames): GeneralNameTemplate[] {
  return [
    ...(names.dns ?? []).map((name) => ({ kind: 'dns' as const, name })),
    ...(names.uri ?? []).map((uri) => ({ kind: 'uri' as const, uri })),
    ...(names.ip ?? []).map((text) => ({ kind: 'ip' as const, address: ipOctets(text) })),
    ...(names.email ?? []).map((email) => ({ kind: 'email' as const, email })),
    ...(names.directory ?? []).map((name) => ({ kind: 'directory' as const, name })),
    ...(names.other ?? []).map(({ oid, value }) => ({ kind: 'other' as const, oid, value })),
  ]
}

function ipOctets(text: string): Uint8Array {
  const octets = parseIpAddress(text)
  if (!octets.ok) throw new RangeError(`not an IP address: ${text}`)
  return octets.value
}
