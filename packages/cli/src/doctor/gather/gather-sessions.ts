import type { SecureVersion } from 'node:tls'
import type { Side } from '../deployment.ts'
import type { ExpiredMeanwhileSeen, SessionSeen } from '../evidence.ts'
import { asker } from '../probe/ask.ts'
import { earlyDataOf } from '../probe/early-data-of.ts'
import { openConnection } from '../probe/open-connection.ts'
import { fromServer, type Seen } from '../probe/seen.ts'
import { sessionForName } from '../probe/session-for-name.ts'
import type { ThrowAway } from '../throw-away-certificates.ts'
import { askOn, type Probes } from './probes.ts'

/** Takes a TLS session from one side and offers it to the same, and to the other one. */
export async function gatherSessions(probes: Probes, main: Side, mtls: Side): Promise<readonly SessionSeen[]> {
  const seen: SessionSeen[] = []
  const roads: readonly (readonly ['main' | 'mtls', 'main' | 'mtls'])[] =
    probes.deployment.style === 'path'
      ? []
      : [
          ['mtls', 'mtls'],
          ['main', 'mtls'],
          ['mtls', 'main'],
        ]
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    for (const [from, to] of roads) {
      const sides = { main, mtls }
      seen.push({ from, to, version, ...(await carry(probes, sides[from], sides[to], from, to, version)) })
    }
  return seen
}

/** Shows a certificate that is about to end, waits, and resumes the session once it has ended. */
export async function gatherExpiredMeanwhile(
  probes: Probes,
  mtls: Side,
  version: SecureVersion,
  serverNow: number,
): Promise<ExpiredMeanwhileSeen | undefined> {
  const end = serverNow + life
  const offset = serverNow - probes.now()
  const ending = probes.certificates.endingAt(end)
  const first = await openSession(probes, mtls, version, ending)
  if (first.session === undefined || !fromServer(first.seen)) return undefined
  await probes.wait(Math.max(0, (end + 1 - (probes.now() + offset)) * 1000))
  const second = await openConnection(
    { name: mtls.name, port: mtls.port, version, session: first.session },
    probes.reach,
  )
  if ('kind' in second) return { version, resumed: 'refused', seen: second }
  const asking = asker(second, probes.reach)
  const seen = await askOn(probes, second, asking, mtls)
  asking.close()
  return { version, resumed: second.facts.resumed ? 'yes' : 'no', seen }
}

async function carry(
  probes: Probes,
  from: Side,
  to: Side,
  fromRole: 'main' | 'mtls',
  toRole: 'main' | 'mtls',
  version: SecureVersion,
): Promise<Omit<SessionSeen, 'from' | 'to' | 'version'>> {
  const { plain } = probes.certificates
  const first = await openSession(probes, from, version, fromRole === 'mtls' ? plain : undefined)
  const earlyData = first.session === undefined ? 0 : earlyDataOf(first.session)
  const common = { certificate: plain.thumbprint, first: first.seen, earlyData }
  if (first.session === undefined) return { ...common, resumed: 'no_session', second: undefined }
  const second = await openConnection(
    {
      ...{ name: to.name, port: to.port, version, session: sessionForName(first.session, to.name) },
      // A client of the other host would have its certificate at hand.
      ...(fromRole === toRole || toRole === 'main' ? {} : { certificate: plain }),
    },
    probes.reach,
  )
  if ('kind' in second) return { ...common, resumed: 'refused', second }
  const asking = asker(second, probes.reach)
  const seen = await askOn(probes, second, asking, to)
  asking.close()
  return { ...common, resumed: second.facts.resumed ? 'yes' : 'no', second: seen }
}

async function openSession(
  probes: Probes,
  side: Side,
  version: SecureVersion,
  certificate: ThrowAway | undefined,
): Promise<{ readonly seen: Seen; readonly session: Buffer | undefined }> {
  const connection = await openConnection({ name: side.name, port: side.port, version, certificate }, probes.reach)
  if ('kind' in connection) return { seen: connection, session: undefined }
  const asking = asker(connection, probes.reach)
  // The tickets of TLS 1.3 come after the handshake: an answer brings them along.
  const seen = await askOn(probes, connection, asking, side)
  asking.close()
  return { seen, session: connection.session() }
}

/** Seconds: longer than a handshake takes, and no longer than one waits gladly. */
const life = 4
