import { fail, ok, type Result } from '../result.ts'

export interface IpAddressFailure {
  readonly reason: 'ip_address_malformed'
  readonly text: string
}

/** Reads an IPv4 or IPv6 address as 4 or 16 octets; no prefix length, no zone, no port. RFC 4291 §2.2, RFC 3986 §3.2.2. */
export function parseIpAddress(text: string): Result<Uint8Array, IpAddressFailure> {
  const octets = text.length > MAXIMUM_TEXT ? undefined : text.includes(':') ? version6(text) : version4(text)
  return octets === undefined ? fail({ reason: 'ip_address_malformed', text: text.slice(0, MAXIMUM_TEXT) }) : ok(octets)
}

function version4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    return undefined
  }
  return Uint8Array.from(parts, Number)
}

function version6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groups(halves[0]!, halves.length === 1)
  const tail = halves.length === 2 ? groups(halves[1]!, true) : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 16 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail])
}

function groups(text: string, mayEndInVersion4: boolean): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const octets: number[] = []
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && mayEndInVersion4 && index === parts.length - 1) {
      const last = version4(part)
      if (last === undefined) return undefined
      octets.push(...last)
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
      const group = Number.parseInt(part, 16)
      octets.push(group >> 8, group & 0xff)
    }
  }
  return octets
}

/** Writes 4 or 16 octets as the address that {@link parseIpAddress} reads back; any other number of octets in hex. RFC 5952. */
export function formatIpAddress(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.')
  if (octets.length !== 16) return [...octets].map((octet) => octet.toString(16).padStart(2, '0')).join('')
  const parts: number[] = []
  for (let at = 0; at < 16; at += 2) parts.push(octets[at]! * 256 + octets[at + 1]!)
  const zeros = longestZeros(parts)
  const text = (from: number, to: number): string =>
    parts
      .slice(from, to)
      .map((part) => part.toString(16))
      .join(':')
  if (zeros.length < 2) return text(0, 8)
  return `${text(0, zeros.start)}::${text(zeros.start + zeros.length, 8)}`
}

function longestZeros(parts: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 }
  let start = 0
  for (let at = 0; at <= parts.length; at++) {
    if (parts[at] === 0) continue
    if (at - start > longest.length) longest = { start, length: at - start }
    start = at + 1
  }
  return longest
}

/** The longest form: eight groups with an IPv4 tail. */
const MAXIMUM_TEXT = 45
