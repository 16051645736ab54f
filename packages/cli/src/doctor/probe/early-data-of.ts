/**
 * Tells how many octets of early data a session of TLS 1.3 allows (RFC 8446 §4.6.1); 0 for none.
 *
 * OpenSSL writes a session as a SEQUENCE whose member [15] is that number; Node may put the server's name before it.
 */
export function earlyDataOf(session: Buffer): number {
  const start = session.subarray(0, prefix.length).equals(prefix)
    ? prefix.length + 2 + session.readUInt16BE(prefix.length)
    : 0
  const sequence = element(session, start)
  if (sequence?.tag !== 0x30) return 0
  for (let at = sequence.content; at < sequence.end;) {
    const member = element(session, at)
    if (member === undefined) return 0
    const number = member.tag === maxEarlyData ? element(session, member.content) : undefined
    if (number !== undefined)
      return session.subarray(number.content, number.end).reduce((sum, octet) => sum * 256 + octet, 0)
    at = member.end
  }
  return 0
}

interface Element {
  readonly tag: number
  readonly content: number
  readonly end: number
}

function element(bytes: Buffer, at: number): Element | undefined {
  const [tag, first] = [bytes[at], bytes[at + 1]]
  if (tag === undefined || first === undefined) return undefined
  const octets = first < 0x80 ? 0 : first & 0x7f
  const content = at + 2 + octets
  if (octets > 3 || content > bytes.length) return undefined
  const length = octets === 0 ? first : bytes.readUIntBE(at + 2, octets)
  return content + length <= bytes.length ? { tag, content, end: content + length } : undefined
}

/** `[15] EXPLICIT`, constructed. */
const maxEarlyData = 0xaf
const prefix = Buffer.from('\0nodejs:tls:session:1\0')
