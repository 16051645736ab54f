import type { Side } from '../deployment.ts'
import type { HandshakeSeen } from '../evidence.ts'
import { openConnection, type Opening, type Reach } from '../probe/open-connection.ts'
import { nobodyThere } from '../probe/seen.ts'

/** Handshakes of one side, in both TLS versions and with both versions of HTTP. */
export async function gatherHandshakes(side: Side, reach: Reach): Promise<readonly HandshakeSeen[]> {
  const seen: HandshakeSeen[] = []
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    for (const alpn of ['h2', 'http/1.1'] as const)
      // Where nobody is, one patience is enough.
      if (!seen.some(({ refused }) => nobodyThere(refused)))
        seen.push(await handshake({ name: side.name, port: side.port, version, alpn }, reach))
  return seen
}

/** Handshakes that name no server, and one that nobody is called. */
export async function gatherOtherNames(side: Side, reach: Reach): Promise<readonly HandshakeSeen[]> {
  const seen: HandshakeSeen[] = []
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    for (const serverName of ['', 'holdfast-doctor.invalid'])
      seen.push(await handshake({ name: side.name, port: side.port, version, serverName }, reach))
  return seen
}

async function handshake(opening: Opening, reach: Reach): Promise<HandshakeSeen> {
  const connection = await openConnection(opening, reach)
  const common = {
    serverName: opening.serverName ?? opening.name,
    version: opening.version ?? '',
    alpn: opening.alpn ?? 'http/1.1',
  }
  if ('kind' in connection) return { ...common, facts: undefined, refused: connection }
  connection.socket.destroy()
  return { ...common, facts: connection.facts, refused: undefined }
}
