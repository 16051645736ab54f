import type { Side } from '../deployment.ts'
import type { HopByHopSeen, MisdirectedSeen } from '../evidence.ts'
import { asker } from '../probe/ask.ts'
import { openConnection } from '../probe/open-connection.ts'
import { askOnce, type Probes } from './probes.ts'

/** Asks for each host on a connection of the other, as browsers do that reuse one (RFC 9113 §9.1.1). */
export async function gatherMisdirected(probes: Probes, main: Side, mtls: Side): Promise<readonly MisdirectedSeen[]> {
  if (probes.deployment.style !== 'name' || main.port !== mtls.port) return []
  const seen: MisdirectedSeen[] = []
  for (const http of ['http/1.1', 'h2'] as const)
    for (const serverName of ['main', 'mtls'] as const) {
      const [of, to] = serverName === 'main' ? [main, mtls] : [mtls, main]
      // What the main host serves to everybody: a token would be refused where no echo is.
      const path = serverName === 'mtls' ? '/.well-known/openid-configuration' : undefined
      seen.push({
        ...{ serverName, http },
        seen:
          path === undefined
            ? await askOnce(probes, { name: of.name, port: of.port, alpn: http }, to)
            : await fetchOn(probes, of, to, http, path),
      })
    }
  return seen
}

/** Names the certificate header, or the verdict header, as one that ends with the connection (RFC 9110 §7.6.1). */
export async function gatherHopByHop(
  probes: Probes,
  mtls: Side,
  certificateHeaders: readonly string[],
  verdictHeaders: readonly string[],
): Promise<readonly HopByHopSeen[]> {
  const { plain } = probes.certificates
  const seen: HopByHopSeen[] = []
  const opening = { name: mtls.name, port: mtls.port, certificate: plain }
  for (const [what, names] of [
    ['certificate', certificateHeaders],
    ['verdict', verdictHeaders],
  ] as const) {
    if (names.length === 0) continue
    const header = names.join(', ')
    const answer = await askOnce(probes, opening, mtls, { Connection: `close, ${header}` })
    seen.push({ what, header, shown: plain.thumbprint, seen: answer })
  }
  return seen
}

async function fetchOn(
  probes: Probes,
  of: Side,
  to: Side,
  http: 'http/1.1' | 'h2',
  path: string,
): Promise<MisdirectedSeen['seen']> {
  const connection = await openConnection({ name: of.name, port: of.port, alpn: http }, probes.reach)
  if ('kind' in connection) return connection
  const asking = asker(connection, probes.reach)
  const seen = await asking.ask({ host: to.authority, path })
  probes.note(seen)
  asking.close()
  return seen
}
