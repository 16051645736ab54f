/**
 * Makes a session that was taken from one server name good for being offered to another, which a careful client never does.
 *
 * Node keeps the name beside the session (24.21, 26.10 and later) and offers it to no other; older ones keep the session bare.
 */
export function sessionForName(session: Buffer, name: string): Buffer {
  if (!session.subarray(0, prefix.length).equals(prefix)) return session
  const nameStart = prefix.length + 2
  const bare = session.subarray(nameStart + session.readUInt16BE(prefix.length))
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Buffer.byteLength(name))
  return Buffer.concat([prefix, length, Buffer.from(name), bare])
}

const prefix = Buffer.from('\0nodejs:tls:session:1\0')
