import type { OnReadOpts, Socket } from 'node:net'
import { type AnswerHead, answerHead } from './answer-head.ts'
import { chunkedBody } from './chunked-body.ts'

/** One request on a connection, and who is told what comes back. */
export interface UpstreamCall {
  readonly method: string
  /** Request line and headers, with the empty line. */
  readonly head: string
  onHead(head: AnswerHead): void
  /** A piece of the body, without its framing. */
  onData(piece: Buffer): void
  onEnd(): void
  /** The one end that is none; `untouched`: it was an old connection, and nothing had come back. */
  onFailure(error: NodeJS.ErrnoException, untouched: boolean): void
}

/** A connection to an application, for one call after the other. */
export interface UpstreamConnection {
  readonly socket: Socket
  /** Milliseconds, by `performance.now()`, of the last byte and of the last change between busy and idle. */
  readonly heard: () => number
  readonly busy: () => boolean
  begin(call: UpstreamCall): void
  /** Writes a piece of the request's body, `false` when it is time for a pause. */
  write(piece: Buffer | string): boolean
  /** Says that the body of the request has been written: until then the connection is lent to nobody else. */
  requestEnded(): void
  /** Ends the connection, if it still belongs to this call, or to any; `error` is told. */
  break(error: NodeJS.ErrnoException, call?: UpstreamCall): void
}

/** Opens a socket whose bytes go to the given callback, out of the given buffer, and to no stream. */
export type UpstreamConnect = (onread: OnReadOpts) => Socket

/**
 * Makes a connection. `freed` is called when a call is over and another one may follow; otherwise the socket is
 * closed. `small` is room for a read, which all connections of a pool may share.
 *
 * A client of HTTP/1.1 as small as it can be: no queue, no pipelining, one listener for the life of a connection. An answer that can
 * be read in two ways ends it (RFC 9112 §11.1), and so does any byte that nobody asked for.
 */
export function upstreamConnection(
  connect: UpstreamConnect,
  small: Buffer,
  freed: (connection: UpstreamConnection) => void,
): UpstreamConnection {
  let call: UpstreamCall | undefined
  let used = false
  let heard = performance.now()
  let written = false
  let answered = false
  let anything = false
  /** Bytes of a head that has not ended. */
  let early: Buffer | undefined
  let head: AnswerHead | undefined
  let left = 0
  let chunked: ReturnType<typeof chunkedBody> | undefined
  /** The read before filled its buffer: more of that is coming. */
  let pouring = false

  const socket = connect({
    // Of what is read into the shared room a copy goes on. While much comes, each read has room of its own, which it gives away.
    buffer: () => (pouring ? Buffer.allocUnsafeSlow(largeRead) : small),
    callback(length, bytes) {
      const read = Buffer.from(bytes.buffer, bytes.byteOffset, length)
      pouring = length === bytes.length || (bytes !== small && length >= small.length)
      took(bytes === small ? Buffer.from(read) : read)
      return true
    },
  })
  const connection: UpstreamConnection = {
    socket,
    heard: () => heard,
    busy: () => call !== undefined,
    begin(next) {
      call = next
      written = answered = anything = false
      head = early = chunked = undefined
      heard = performance.now()
      // The client of the call before may have been slow.
      if (socket.isPaused()) socket.resume()
      socket.write(next.head, 'latin1')
    },
    write(piece) {
      heard = performance.now()
      return socket.write(piece, 'latin1')
    },
    requestEnded() {
      written = true
      if (answered) finish()
    },
    break(error, own = call) {
      if (own === call) failed(error)
    },
  }

  function failed(error: NodeJS.ErrnoException): void {
    const broken = call
    call = undefined
    socket.destroy()
    broken?.onFailure(error, used && !anything)
  }

  function malformed(code: string): void {
    failed(Object.assign(new Error('malformed answer'), { code: `HPE_${code}` }))
  }

  /** Both sides are through: the next call may come, if this answer said so. */
  function finish(): void {
    const { kept } = head ?? { kept: 'no' }
    call = undefined
    used = true
    heard = performance.now()
    if (kept === 'yes' && socket.writable) freed(connection)
    else socket.destroy()
  }

  function ended(rest: number): void {
    const over = call
    answered = true
    // More than was asked for would be taken for the next answer.
    if (rest > 0 && head !== undefined) head = { ...head, kept: 'no' }
    if (written) finish()
    over?.onEnd()
  }

  function took(piece: Buffer): void {
    heard = performance.now()
    if (call === undefined || answered) {
      socket.destroy()
      return
    }
    anything = true
    if (head === undefined) takeHead(piece)
    else takeBody(piece)
  }

  function takeHead(piece: Buffer): void {
    const bytes = early === undefined ? piece : Buffer.concat([early, piece])
    const end = bytes.indexOf(endOfHead)
    if (end < 0 ? bytes.length > longestHead : end > longestHead) return malformed('too_long')
    if (end < 0) {
      early = bytes
      return
    }
    early = undefined
    const read = answerHead(bytes.toString('latin1', 0, end), call?.method ?? '')
    if (!read.ok) return malformed(read.failure)
    const rest = bytes.subarray(end + endOfHead.length)
    if (read.value.status < 200) {
      // What comes before an answer is between two neighbours; that the connection become something else nobody asked.
      if (read.value.status === 101) return malformed('status_line')
      if (rest.length > 0) takeHead(rest)
      return
    }
    head = read.value
    left = head.length
    if (head.framing === 'chunked') chunked = chunkedBody((data) => call?.onData(data))
    call?.onHead(head)
    if (head.framing === 'none') ended(rest.length)
    else if (rest.length > 0) takeBody(rest)
  }

  function takeBody(piece: Buffer): void {
    if (head === undefined || call === undefined) return
    if (head.framing === 'until-close') return call.onData(piece)
    if (chunked !== undefined) {
      const progress = chunked(piece)
      if (progress.at === 'fault') malformed('chunk')
      else if (progress.at === 'end') ended(piece.length - progress.used)
      return
    }
    const own = piece.length > left ? piece.subarray(0, left) : piece
    left -= own.length
    call.onData(own)
    if (left === 0) ended(piece.length - own.length)
  }

  socket.on('end', () => {
    if (call !== undefined && head?.framing === 'until-close') ended(0)
    else failed(Object.assign(new Error('closed'), { code: 'ECONNRESET' }))
  })
  socket.on('error', failed)
  socket.once('close', () => failed(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
  return connection
}

/** Bytes; as much as Node reads at once by itself. */
const largeRead = 65_536
const endOfHead = Buffer.from('\r\n\r\n')
/** Bytes. Node's own client has the same bound. */
const longestHead = 16_384
