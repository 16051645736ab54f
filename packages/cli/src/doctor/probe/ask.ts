import { request as requestHttp1 } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import type { OpenConnection, Reach } from './open-connection.ts'
import { answered, failed, type Seen } from './seen.ts'

/** One request. Header names go out as they are written; a list goes out as several lines. */
export interface Asking {
  /** What stands in `Host` or `:authority`. */
  readonly host: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** A form; without one it is a GET. */
  readonly form?: string
}

/** A connection on which one can ask until `usable` says no. */
export interface Asker {
  ask(asking: Asking): Promise<Seen>
  usable(): boolean
  close(): void
}

/** Puts HTTP, of the version that was agreed upon, on a connection. */
export function asker(connection: OpenConnection, { timeout }: Reach): Asker {
  return connection.facts.alpn === 'h2' ? http2Asker(connection, timeout) : http1Asker(connection, timeout)
}

function http1Asker({ socket }: OpenConnection, timeout: number): Asker {
  let last = false
  let broken: Seen | undefined
  socket.on('error', (error) => (broken = failed(error)))
  return {
    usable: () => !last && broken === undefined && !socket.destroyed && socket.readable,
    close: () => void socket.destroy(),
    ask: ({ host, path, headers = {}, form }) =>
      new Promise((done) => {
        const request = requestHttp1({
          createConnection: () => socket,
          method: form === undefined ? 'GET' : 'POST',
          path,
          timeout,
          headers: {
            Host: host,
            Connection: 'keep-alive',
            ...(form === undefined ? {} : { 'Content-Type': formType, 'Content-Length': Buffer.byteLength(form) }),
            ...(headers as Record<string, string | string[]>),
          },
        })
        request.once('timeout', () => {
          done({ kind: 'silence' })
          request.destroy()
        })
        request.once('error', (error) => {
          last = true
          // The alert of TLS 1.3 comes on the socket, and the request only learns that it was closed.
          done(broken ?? failed(error))
        })
        request.once('response', (response) => {
          const { headers: answerHeaders } = response
          last ||= (answerHeaders.connection ?? '').toLowerCase() === 'close' || response.httpVersion === '1.0'
          collect(response, response.statusCode ?? 0, flat(answerHeaders), done)
        })
        request.end(form)
      }),
  }
}

function http2Asker({ socket }: OpenConnection, timeout: number): Asker {
  let broken: Seen | undefined
  const session = connectHttp2('https://localhost', { createConnection: () => socket })
  socket.on('error', (error) => (broken = failed(error)))
  session.on('error', (error) => (broken ??= failed(error)))
  return {
    usable: () => broken === undefined && !session.closed && !session.destroyed,
    close: () => {
      session.destroy()
      socket.destroy()
    },
    ask: ({ host, path, headers = {}, form }) =>
      new Promise((done) => {
        if (session.closed || session.destroyed) {
          done(broken ?? { kind: 'closed' })
          return
        }
        const stream = session.request({
          ':method': form === undefined ? 'GET' : 'POST',
          ':path': path,
          ':authority': host,
          ...(form === undefined ? {} : { 'content-type': formType, 'content-length': Buffer.byteLength(form) }),
          ...Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value as string | string[]]),
          ),
        })
        let began = false
        stream.setTimeout(timeout, () => {
          done({ kind: 'silence' })
          stream.destroy()
        })
        stream.on('error', (error) => {
          if (!began) done(broken ?? failed(error))
        })
        stream.once('close', () => {
          if (!began) done(broken ?? { kind: 'closed' })
        })
        stream.once('response', (head) => {
          began = true
          collect(stream, Number(head[':status']), flat(head), done)
        })
        stream.end(form)
      }),
  }
}

function collect(
  stream: NodeJS.ReadableStream,
  status: number,
  headers: Readonly<Record<string, string>>,
  done: (seen: Seen) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  const finish = (): void => {
    done(answered(status, headers, Buffer.concat(chunks).toString()))
  }
  stream.on('data', (chunk: Buffer) => {
    if (size < mostOctets) chunks.push(chunk)
    size += chunk.length
  })
  stream.once('end', finish)
  stream.once('error', finish)
  stream.once('close', finish)
}

function flat(
  headers: Readonly<Record<string, string | number | readonly string[] | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(':') || value === undefined
        ? []
        : [[name, typeof value === 'object' ? value.join(', ') : String(value)]],
    ),
  )
}

const formType = 'application/x-www-form-urlencoded'
/** What is looked at of an answer. */
const mostOctets = 262_144
