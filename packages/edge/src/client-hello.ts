import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { serverName } from './server-name.ts'
import type { ServerNameFailure } from './server-name.ts'

/** What a TLS client says first, as far as the choice of the server needs it (RFC 8446 §4.1.2). */
export interface ClientHello {
  /** Lower-case, without a trailing dot; `undefined` when the client named nobody. */
  readonly serverName: string | undefined
  readonly alpn: readonly string[]
}

type RecordFailureReason =
  | 'client_hello_not_tls'
  | 'client_hello_sslv2'
  | 'client_hello_empty_record'
  | 'client_hello_record_too_long'
  | 'client_hello_too_large'

export type ClientHelloFailure =
  | { readonly reason: RecordFailureReason }
  | { readonly reason: 'client_hello_malformed'; readonly field: string }
  | ServerNameFailure

export type ClientHelloReading =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'hello'; readonly hello: ClientHello }
  | { readonly kind: 'refused'; readonly failure: ClientHelloFailure }

/** Takes the bytes of a connection in any pieces until the first handshake message is whole or refused. */
export interface ClientHelloReader {
  push(bytes: Uint8Array): ClientHelloReading
}

/**
 * Reads a ClientHello ahead of the handshake, however it is cut into segments and records.
 *
 * Work is linear in the bytes received. Sources: RFC 8446 §4.1.2 and §5.1, RFC 6066 §3, RFC 7301 §3.1.
 */
export function clientHelloReader(): ClientHelloReader {
  const recordHeader = new Uint8Array(5)
  let headerFilled = 0
  let recordLeft = 0
  let message = new Uint8Array(0)
  let messageFilled = 0
  let messageLength = -1
  let received = 0
  let done: ClientHelloReading | undefined

  function refuse(failure: ClientHelloFailure): ClientHelloReading {
    return (done = { kind: 'refused', failure })
  }

  function append(bytes: Uint8Array): void {
    if (messageFilled + bytes.length > message.length) {
      const wanted = Math.max(messageFilled + bytes.length, message.length * 2, smallestBuffer)
      const grown = new Uint8Array(wanted)
      grown.set(message.subarray(0, messageFilled))
      message = grown
    }
    message.set(bytes, messageFilled)
    messageFilled += bytes.length
  }

  function finish(whole: Uint8Array): ClientHelloReading {
    const parsed = parseClientHello(whole)
    if (!parsed.ok) return refuse(parsed.failure)
    return (done = { kind: 'hello', hello: parsed.value })
  }

  /** The common case: one record, one segment; nothing is copied. */
  function wholeAtOnce(bytes: Uint8Array): Uint8Array | undefined {
    if (bytes.length < 9 || bytes[0] !== handshakeRecord || bytes[1] !== 3 || bytes[5] !== clientHelloMessage) return
    const record = uint16(bytes, 3)
    const length = uint24(bytes, 6)
    if (record !== length + 4 || record > longestRecord || bytes.length < 5 + record) return
    return bytes.subarray(9, 9 + length)
  }

  return {
    push(bytes) {
      if (done !== undefined) return done
      if (received === 0) {
        const whole = wholeAtOnce(bytes)
        if (whole !== undefined) return finish(whole)
      }
      received += bytes.length
      let at = 0
      while (at < bytes.length) {
        if (recordLeft === 0) {
          recordHeader[headerFilled++] = bytes[at++] ?? 0
          const failure = recordHeaderFailure(recordHeader, headerFilled)
          if (failure !== undefined) return refuse({ reason: failure })
          if (headerFilled < 5) continue
          recordLeft = uint16(recordHeader, 3)
          headerFilled = 0
          continue
        }
        const take = Math.min(recordLeft, bytes.length - at)
        append(bytes.subarray(at, at + take))
        at += take
        recordLeft -= take
        if (message[0] !== clientHelloMessage) return refuse({ reason: 'client_hello_not_tls' })
        if (messageLength < 0 && messageFilled >= 4) {
          messageLength = uint24(message, 1)
          if (messageLength > longestHello) return refuse({ reason: 'client_hello_too_large' })
        }
        if (messageLength < 0 || messageFilled < 4 + messageLength) continue
        // Nothing may follow the first message before the server has spoken: what does would be read by one parser only.
        if (messageFilled > 4 + messageLength || recordLeft > 0) {
          return refuse({ reason: 'client_hello_malformed', field: 'record' })
        }
        return finish(message.subarray(4, 4 + messageLength))
      }
      return received > mostBytes ? refuse({ reason: 'client_hello_too_large' }) : incomplete
    },
  }
}

function recordHeaderFailure(header: Uint8Array, filled: number): RecordFailureReason | undefined {
  switch (filled) {
    case 1:
      return header[0] === handshakeRecord || (header[0] ?? 0) >= 0x80 ? undefined : 'client_hello_not_tls'
    case 3:
      if ((header[0] ?? 0) >= 0x80) return header[2] === 1 ? 'client_hello_sslv2' : 'client_hello_not_tls'
      return header[1] === 3 ? undefined : 'client_hello_not_tls'
    case 5: {
      const length = uint16(header, 3)
      if (length === 0) return 'client_hello_empty_record'
      return length > longestRecord ? 'client_hello_record_too_long' : undefined
    }
    default:
      return undefined
  }
}

function parseClientHello(body: Uint8Array): Result<ClientHello, ClientHelloFailure> {
  const sessionId = 2 + 32
  const sessionIdLength = body[sessionId] ?? 256
  if (sessionIdLength > 32) return malformed('session_id')
  const suites = sessionId + 1 + sessionIdLength
  if (suites + 2 > body.length) return malformed('cipher_suites')
  const suitesLength = uint16(body, suites)
  if (suitesLength < 2 || suitesLength % 2 !== 0) return malformed('cipher_suites')
  const compression = suites + 2 + suitesLength
  const compressionLength = body[compression] ?? 0
  if (compressionLength === 0) return malformed('compression_methods')
  let at = compression + 1 + compressionLength
  if (at === body.length) return ok({ serverName: undefined, alpn: [] })
  if (at + 2 > body.length || at + 2 + uint16(body, at) !== body.length) return malformed('extensions')
  at += 2

  let name: string | undefined
  let alpn: readonly string[] | undefined
  while (at < body.length) {
    if (at + 4 > body.length) return malformed('extensions')
    const type = uint16(body, at)
    const end = at + 4 + uint16(body, at + 2)
    if (end > body.length) return malformed('extensions')
    if (type === serverNameExtension) {
      if (name !== undefined) return malformed('server_name')
      const read = parseServerName(body, at + 4, end)
      if (!read.ok) return read
      name = read.value
    } else if (type === alpnExtension) {
      if (alpn !== undefined) return malformed('alpn')
      alpn = parseAlpn(body, at + 4, end)
      if (alpn === undefined) return malformed('alpn')
    }
    at = end
  }
  return ok({ serverName: name, alpn: alpn ?? [] })
}

function parseServerName(body: Uint8Array, at: number, end: number): Result<string, ClientHelloFailure> {
  // One list with one entry of the one kind that exists; OpenSSL takes nothing else either.
  if (at + 5 > end || at + 2 + uint16(body, at) !== end) return malformed('server_name')
  if (body[at + 2] !== 0 || at + 5 + uint16(body, at + 3) !== end) return malformed('server_name')
  return serverName(latin1(body, at + 5, end))
}

function parseAlpn(body: Uint8Array, start: number, end: number): readonly string[] | undefined {
  if (start + 2 > end || start + 2 + uint16(body, start) !== end) return undefined
  const names: string[] = []
  let at = start + 2
  while (at < end) {
    const length = body[at] ?? 0
    if (length === 0 || at + 1 + length > end) return undefined
    names.push(latin1(body, at + 1, at + 1 + length))
    at += 1 + length
  }
  return names
}

function malformed(field: string): { readonly ok: false; readonly failure: ClientHelloFailure } {
  return fail({ reason: 'client_hello_malformed', field })
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

function uint24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | uint16(bytes, at + 1)
}

const incomplete: ClientHelloReading = { kind: 'incomplete' }
const handshakeRecord = 22
const clientHelloMessage = 1
const serverNameExtension = 0
const alpnExtension = 16
const smallestBuffer = 2048
/** RFC 8446 §5.1. */
const longestRecord = 16_384
/** Browsers send 2 KB, post-quantum key shares and padding may bring 20 KB; 64 KiB is far above what anyone sends. */
const longestHello = 65_536
/** All bytes on the wire: a hello of ordinary size in records of one byte each fits, a 64 KiB one in such records does not. */
const mostBytes = 131_072
