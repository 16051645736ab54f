import type { Socket } from 'node:net'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { clientHelloReader } from './client-hello.ts'
import type { ClientHello } from './client-hello.ts'
import type { ConnectionRefusal } from './exchange.ts'
import { proxyProtocol } from './proxy-protocol.ts'
import type { ProxiedAddresses, ProxyProtocolVersion } from './proxy-protocol.ts'

/** A failure of `undefined` is a peer that went away. */
type Done<Value> = (result: Result<Value, ConnectionRefusal | undefined>) => void

type Step<Value> =
  | { readonly kind: 'more' }
  | { readonly kind: 'value'; readonly value: Value; readonly used: number }
  | { readonly kind: 'refused'; readonly failure: ConnectionRefusal }

/**
 * Reads the PROXY header at the beginning of a connection, puts back what follows it, and leaves the connection paused.
 *
 * Ends within the time-out, counted from the start and not from the last byte. The value is `undefined` for a connection
 * of the proxy itself.
 */
export function readProxyHeader(
  socket: Socket,
  version: ProxyProtocolVersion,
  timeout: number,
  done: Done<ProxiedAddresses | undefined>,
): void {
  let seen: Buffer = Buffer.alloc(0)
  read(socket, timeout, 'proxy_header_timeout', done, (chunk) => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk])
    const reading = proxyProtocol(seen, version)
    if (reading.kind === 'refused') return reading
    if (reading.kind === 'incomplete') return more
    return { kind: 'value', value: reading.addresses, used: reading.length }
  })
}

/** Looks at the ClientHello at the beginning of a connection and puts everything back; with a time-out as above. */
export function readClientHello(socket: Socket, timeout: number, done: Done<ClientHello>): void {
  const reader = clientHelloReader()
  read(socket, timeout, 'client_hello_timeout', done, (chunk) => {
    const reading = reader.push(chunk)
    if (reading.kind === 'refused') return reading
    return reading.kind === 'incomplete' ? more : { kind: 'value', value: reading.hello, used: 0 }
  })
}

function read<Value>(
  socket: Socket,
  timeout: number,
  late: 'proxy_header_timeout' | 'client_hello_timeout',
  done: Done<Value>,
  step: (chunk: Buffer) => Step<Value>,
): void {
  let before: Buffer[] | undefined
  const timer = setTimeout(() => finish(fail({ reason: late })), timeout)
  const gone = (): void => finish(fail(undefined))
  socket.on('data', take)
  // A peer that ends instead of speaking is answered with our end, and that closes.
  socket.on('close', gone)
  socket.resume()

  function take(chunk: Buffer): void {
    const next = step(chunk)
    if (next.kind === 'more') {
      before ??= []
      before.push(chunk)
      return
    }
    if (next.kind === 'refused') return finish(fail(next.failure))
    // Who reads next must find all of it, so nothing may flow on.
    socket.pause()
    const all = before === undefined ? chunk : Buffer.concat([...before, chunk])
    // A reader that stops in the middle of the buffer says how much it used; one that only looked used nothing.
    const rest = next.used === 0 ? all : all.subarray(next.used)
    if (rest.length > 0) socket.unshift(rest)
    finish(ok(next.value))
  }

  function finish(result: Result<Value, ConnectionRefusal | undefined>): void {
    clearTimeout(timer)
    socket.off('data', take)
    socket.off('close', gone)
    done(result)
  }
}

const more = { kind: 'more' } as const
