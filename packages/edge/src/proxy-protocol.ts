import { isIP, SocketAddress } from 'node:net'

/** Which forms of the PROXY protocol a listener takes. */
export type ProxyProtocolVersion = 'v1' | 'v2' | 'v1-or-v2'

/** Addresses as the sender of the PROXY header saw them. */
export interface ProxiedAddresses {
  readonly sourceAddress: string
  readonly sourcePort: number
  readonly destinationAddress: string
  readonly destinationPort: number
}

export interface ProxyProtocolFailure {
  readonly reason: 'proxy_header_missing' | 'proxy_header_malformed' | 'proxy_header_too_long'
}

export type ProxyProtocolReading =
  | { readonly kind: 'incomplete' }
  /** `addresses` is absent for a connection that the proxy itself made (`LOCAL`, `UNKNOWN`). */
  | { readonly kind: 'header'; readonly length: number; readonly addresses: ProxiedAddresses | undefined }
  | { readonly kind: 'refused'; readonly failure: ProxyProtocolFailure }

/**
 * Reads the PROXY header at the start of a connection, given all bytes received so far.
 *
 * Only addresses are taken from it; a certificate never is. Source: HAProxy proxy-protocol.txt §2.1, §2.2.
 */
export function proxyProtocol(bytes: Uint8Array, version: ProxyProtocolVersion): ProxyProtocolReading {
  if (bytes.length === 0) return incomplete
  const binary = bytes[0] === signatureV2[0]
  if (binary ? version === 'v1' : version === 'v2') return refused('proxy_header_missing')
  return binary ? readVersion2(bytes) : readVersion1(bytes)
}

function readVersion1(bytes: Uint8Array): ProxyProtocolReading {
  for (let index = 0; index < Math.min(bytes.length, signatureV1.length); index++) {
    if (bytes[index] !== signatureV1[index]) return refused('proxy_header_missing')
  }
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, longestVersion1)).toString('latin1')
  const end = line.indexOf('\r\n')
  if (end < 0) return bytes.length >= longestVersion1 ? refused('proxy_header_too_long') : incomplete
  const parts = line.slice(0, end).split(' ')
  const length = end + 2
  if (parts[1] === 'UNKNOWN') return { kind: 'header', length, addresses: undefined }
  const family = parts[1] === 'TCP4' ? 4 : parts[1] === 'TCP6' ? 6 : 0
  const [, , sourceAddress, destinationAddress, source, destination] = parts
  const sourcePort = decimalPort(source)
  const destinationPort = decimalPort(destination)
  if (
    parts.length !== 6 ||
    family === 0 ||
    sourceAddress === undefined ||
    destinationAddress === undefined ||
    isIP(sourceAddress) !== family ||
    isIP(destinationAddress) !== family ||
    sourcePort === undefined ||
    destinationPort === undefined
  ) {
    return refused('proxy_header_malformed')
  }
  return { kind: 'header', length, addresses: { sourceAddress, sourcePort, destinationAddress, destinationPort } }
}

function readVersion2(bytes: Uint8Array): ProxyProtocolReading {
  for (let index = 0; index < Math.min(bytes.length, signatureV2.length); index++) {
    if (bytes[index] !== signatureV2[index]) return refused('proxy_header_missing')
  }
  if (bytes.length < 16) return incomplete
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const payload = view.getUint16(14)
  if (payload > longestVersion2) return refused('proxy_header_too_long')
  const length = 16 + payload
  const command = view.getUint8(12)
  if (command !== 0x20 && command !== 0x21) return refused('proxy_header_malformed')
  if (bytes.length < length) return incomplete
  if (command === 0x20) return { kind: 'header', length, addresses: undefined }
  const transport = view.getUint8(13)
  if (transport === 0x11 && payload >= 12) {
    return {
      kind: 'header',
      length,
      addresses: {
        sourceAddress: ipv4(bytes, 16),
        destinationAddress: ipv4(bytes, 20),
        sourcePort: view.getUint16(24),
        destinationPort: view.getUint16(26),
      },
    }
  }
  if (transport === 0x21 && payload >= 36) {
    return {
      kind: 'header',
      length,
      addresses: {
        sourceAddress: ipv6(view, 16),
        destinationAddress: ipv6(view, 32),
        sourcePort: view.getUint16(48),
        destinationPort: view.getUint16(50),
      },
    }
  }
  // AF_UNSPEC must be taken without its addresses; datagrams and Unix peers have no place on a TCP listener.
  return transport === 0x00 ? { kind: 'header', length, addresses: undefined } : refused('proxy_header_malformed')
}

function decimalPort(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:0|[1-9][0-9]{0,4})$/.test(text)) return undefined
  const port = Number(text)
  return port <= 65_535 ? port : undefined
}

function ipv4(bytes: Uint8Array, at: number): string {
  return bytes.subarray(at, at + 4).join('.')
}

function ipv6(view: DataView, at: number): string {
  const groups: string[] = []
  for (let index = 0; index < 8; index++) groups.push(view.getUint16(at + index * 2).toString(16))
  // SocketAddress writes the form of RFC 5952, the one that `socket.remoteAddress` has.
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}

function refused(reason: ProxyProtocolFailure['reason']): ProxyProtocolReading {
  return { kind: 'refused', failure: { reason } }
}

const incomplete: ProxyProtocolReading = { kind: 'incomplete' }
const signatureV1 = Buffer.from('PROXY ', 'latin1')
const signatureV2 = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a])
/** The longest line that the specification allows, line end included. */
const longestVersion1 = 107
/** Addresses take 36 bytes; the rest is room for TLVs, of which a certificate of a terminating sender is the largest. */
const longestVersion2 = 16_384
