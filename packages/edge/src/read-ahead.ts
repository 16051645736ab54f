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
 * Reads the PROXY header at the beginning of a connection and puts back what follows it.
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
  const chunks: Buffer[] = []
  const timer = setTimeout(() => finish(fail({ reason: late })), timeout)
  const gone = (): void => finish(fail(undefined))
  socket.on('readable', take)
  socket.once('end', gone)
  socket.once('close', gone)

  function take(): void {
    for (;;) {
      const chunk = socket.read() as Buffer | null
      if (chunk === null) return
      chunks.push(chunk)
      const next = step(chunk)
      if (next.kind === 'more') continue
      if (next.kind === 'refused') return finish(fail(next.failure))
      stop()
      const all = chunks.length === 1 ? chunk : Buffer.concat(chunks)
      // A reader that stops in the middle of the buffer says how much it used; one that only looked used nothing.
      const rest = next.used === 0 ? all : all.subarray(next.used)
      if (rest.length > 0) socket.unshift(rest)
      done(ok(next.value))
      return
    }
  }

  function stop(): void {
    clearTimeout(timer)
    socket.off('readable', take)
    socket.off('end', gone)
    socket.off('close', gone)
  }

  function finish(result: Result<Value, ConnectionRefusal | undefined>): void {
    stop()
    done(result)
  }
}

const more = { kind: 'more' } as const
