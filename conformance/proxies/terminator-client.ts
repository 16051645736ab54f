import { request as requestHttp1 } from 'node:http'
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { pipeline, type Writable } from 'node:stream'
import { connect as connectTls, type SecureVersion, type TLSSocket } from 'node:tls'

/** How a connection is opened. `serverName` empty: the client names no server. */
export interface Opening {
  readonly port: number
  readonly ca: string
  readonly serverName: string
  readonly http: 'h1' | 'h2'
  readonly version?: SecureVersion
  readonly certificate?: { readonly chainPem: string; readonly keyPem: string } | undefined
  readonly session?: Buffer | undefined
}

export interface Answer {
  /** 0 when the connection ended before there was an answer. */
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly text: string
  /** Why there was no answer. */
  readonly failure: string | undefined
}

export interface Asking {
  readonly host: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** A form; without one it is a GET. */
  readonly form?: string
  /** `streamed`: the length is not told, and the form comes in pieces. */
  readonly framing?: 'streamed'
}

/** Facts of the handshake, and as many requests as one likes on the one connection. */
export interface Connection {
  readonly asked: boolean
  readonly resumed: boolean
  readonly protocol: string | null
  /** The newest session, once the server has sent one. */
  readonly session: () => Buffer | undefined
  readonly ask: (asking: Asking) => Promise<Answer>
  readonly close: () => void
}

/** Opens one connection. Throws when the handshake fails. */
export async function openConnection(opening: Opening): Promise<Connection> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: opening.port,
    ca: opening.ca,
    // The certificates of both hosts come from a CA of the test; that the name fits is asserted where it is sent.
    ...(opening.serverName === ''
      ? { servername: '', checkServerIdentity: () => undefined }
      : { servername: opening.serverName }),
    ALPNProtocols: [opening.http === 'h2' ? 'h2' : 'http/1.1'],
    ...(opening.version === undefined ? {} : { minVersion: opening.version, maxVersion: opening.version }),
    ...(opening.certificate === undefined
      ? {}
      : { cert: opening.certificate.chainPem, key: opening.certificate.keyPem }),
    ...(opening.session === undefined ? {} : { session: opening.session }),
  })
  let session: Buffer | undefined
  socket.on('session', (next) => (session = next))
  const facts = await new Promise<Pick<Connection, 'asked' | 'resumed' | 'protocol'>>((done, failed) => {
    socket.once('error', failed)
    socket.once('close', () => {
      failed(new Error('closed during the handshake'))
    })
    socket.once('secureConnect', () => {
      done({
        asked: socket.getSharedSigalgs().length > 0,
        resumed: socket.isSessionReused(),
        protocol: socket.getProtocol(),
      })
    })
  })
  socket.on('error', () => {
    // What the next request meets is told there.
  })
  const http2 = opening.http === 'h2' ? http2Session(socket) : undefined
  return {
    ...facts,
    session: () => session,
    ask: (asking) => (http2 === undefined ? askHttp1(socket, asking) : askHttp2(http2, asking)),
    close: () => {
      http2?.destroy()
      socket.destroy()
    },
  }
}

/** One request on a connection of its own. A handshake that fails is an answer too. */
export async function askOnce(opening: Opening, asking: Asking): Promise<Answer> {
  let connection: Connection
  try {
    connection = await openConnection(opening)
  } catch (error) {
    return nothing(error)
  }
  try {
    return await connection.ask(asking)
  } finally {
    connection.close()
  }
}

function http2Session(socket: TLSSocket): ClientHttp2Session {
  const session = connectHttp2('https://127.0.0.1', { createConnection: () => socket })
  session.on('error', () => {
    // Told by the stream.
  })
  return session
}

function askHttp1(socket: TLSSocket, asking: Asking): Promise<Answer> {
  const { host, path = '/token', headers = {}, form, framing } = asking
  return new Promise((done) => {
    const request = requestHttp1({
      createConnection: () => socket,
      method: form === undefined ? 'GET' : 'POST',
      path,
      headers: {
        Connection: 'keep-alive',
        Host: host,
        ...(form === undefined
          ? {}
          : {
              'Content-Type': 'application/x-www-form-urlencoded',
              ...(framing === 'streamed'
                ? { 'Transfer-Encoding': 'chunked' }
                : { 'Content-Length': Buffer.byteLength(form) }),
            }),
        ...(headers as Record<string, string | string[]>),
      },
    })
    request.once('error', (error) => {
      done(nothing(error))
    })
    request.once('response', (response) => {
      collect(response, response.statusCode ?? 0, done)
    })
    send(request, asking)
  })
}

function askHttp2(session: ClientHttp2Session, asking: Asking): Promise<Answer> {
  const { host, path = '/token', headers = {}, form, framing } = asking
  return new Promise((done) => {
    const stream = session.request({
      ':method': form === undefined ? 'GET' : 'POST',
      ':path': path,
      ':authority': host,
      ...(form === undefined
        ? {}
        : {
            'content-type': 'application/x-www-form-urlencoded',
            ...(framing === 'streamed' ? {} : { 'content-length': Buffer.byteLength(form) }),
          }),
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value as string])),
    })
    let answered = false
    stream.once('error', (error) => {
      if (!answered) done(nothing(error))
    })
    stream.once('close', () => {
      if (!answered) done(nothing(new Error('stream closed')))
    })
    stream.once('response', (head) => {
      answered = true
      collect(stream, Number(head[':status']), done)
    })
    send(stream, asking)
  })
}

function send(to: Writable, { form, framing }: Asking): void {
  if (framing === undefined || form === undefined) to.end(form)
  else
    pipeline(piecesOf(form), to, () => {
      // What was not taken is told by the answer.
    })
}

/** Whoever refuses what is too long need not read the rest. */
async function* piecesOf(form: string): AsyncGenerator<string> {
  for (let at = 0; at < form.length; at += 4_000) {
    yield form.slice(at, at + 4_000)
    await new Promise((done) => setImmediate(done))
  }
}

function collect(stream: NodeJS.ReadableStream, status: number, done: (answer: Answer) => void): void {
  const chunks: Buffer[] = []
  const finish = (): void => {
    const text = Buffer.concat(chunks).toString()
    let body: Answer['body'] = {}
    try {
      body = JSON.parse(text) as Answer['body']
    } catch {
      // Not JSON: the text says what it is.
    }
    done({ status, body, text, failure: undefined })
  }
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.once('end', finish)
  stream.once('error', finish)
}

function nothing(error: unknown): Answer {
  return { status: 0, body: {}, text: '', failure: error instanceof Error ? error.message : String(error) }
}
