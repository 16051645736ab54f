import { once } from 'node:events'
import type { Server, Socket } from 'node:net'

/**
 * Lets a server listen on a free port of 127.0.0.1 until the test ends; answers the port. Connections still open then are cut.
 *
 * Of a TLS connection the TLS socket is destroyed and never the one below it: Node 26 crashes when the TLS socket is
 * destroyed after its transport.
 */
export async function listenOnLoopback(
  t: { after(cleanUp: () => Promise<void>): void },
  server: Server,
): Promise<number> {
  const open = new Map<number | undefined, Socket>()
  const keep = (socket: Socket): void => {
    const port = socket.remotePort
    open.set(port, socket)
    socket.once('close', () => {
      if (open.get(port) === socket) open.delete(port)
    })
  }
  server.on('connection', keep)
  server.on('secureConnection', keep)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of open.values()) socket.destroy()
    await closed
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a server on loopback has a port')
  return address.port
}
