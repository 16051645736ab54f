import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'

/** Where to send bytes: a TLS port with a server name, a plain port, or a Unix socket. */
export type RawTarget =
  { readonly port: number; readonly tls: ConnectionOptions } | { readonly port: number } | { readonly path: string }

export interface RawAnswer {
  /** 0 when the connection closed without an answer. */
  readonly status: number
  readonly head: string
  readonly body: string
}

/** Sends bytes exactly as they are and reads until the other side closes. */
export async function rawExchange(target: RawTarget, bytes: string | Buffer): Promise<RawAnswer> {
  const socket = await rawConnection(target)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  socket.write(bytes)
  await closed
  const text = Buffer.concat(chunks).toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  return { status: Number(text.slice(9, 12)), head: text.slice(0, Math.max(end, 0)), body: text.slice(end + 4) }
}

/** Opens a connection, its handshake done. */
export async function rawConnection(target: RawTarget): Promise<Socket> {
  if ('path' in target) {
    const socket = connectTcp(target)
    await once(socket, 'connect')
    return socket
  }
  if (!('tls' in target)) {
    const socket = connectTcp({ host: '127.0.0.1', ...target })
    await once(socket, 'connect')
    return socket
  }
  const socket = connectTls({ host: '127.0.0.1', port: target.port, ...target.tls })
  await once(socket, 'secureConnect')
  return socket
}

/** An HTTP/1.1 request that asks for the connection to be closed. Bytes of `lines` and `body` go out as latin1. */
export function rawRequest(
  method: string,
  path: string,
  host: string,
  lines: readonly string[] = [],
  body = '',
): Buffer {
  const length = method === 'GET' ? [] : [`Content-Length: ${body.length}`]
  const head = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...length, ...lines]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1')
}

/** The content type of every form. */
export const formType = 'Content-Type: application/x-www-form-urlencoded'
