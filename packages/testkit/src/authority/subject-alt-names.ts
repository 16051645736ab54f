import { SocketAddress } from 'node:net'
import type { GeneralNameTemplate, NameTemplate } from '@holdfast/x509'

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
    ...(names.email ?? []).map((address) => ({ kind: 'email' as const, address })),
    ...(names.directory ?? []).map((name) => ({ kind: 'directory' as const, name })),
    ...(names.other ?? []).map(({ oid, value }) => ({ kind: 'other' as const, oid, value })),
  ]
}

function ipOctets(text: string): Uint8Array {
  if (!text.includes(':')) return Uint8Array.from(text.split('.').map(Number))
  const address = new SocketAddress({ address: text, family: 'ipv6' }).address
  const [head = '', tail] = address.split('::')
  const groups = (half: string): number[] =>
    half === '' ? [] : half.split(':').flatMap((group) => (group.includes('.') ? dotted(group) : [parseInt(group, 16)]))
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const zeros = new Array<number>(8 - front.length - back.length).fill(0)
  return Uint8Array.from([...front, ...zeros, ...back].flatMap((group) => [group >> 8, group & 0xff]))
}

function dotted(ipv4: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number)
  return [(a << 8) | b, (c << 8) | d]
}
