import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Deployment, Side } from '../deployment.ts'
import type { AddressSeen, BodySeen, Evidence } from '../evidence.ts'
import { asker } from '../probe/ask.ts'
import { openConnection, type Opening } from '../probe/open-connection.ts'
import { fromServer, nobodyThere, type Seen } from '../probe/seen.ts'
import type { Probes } from './probes.ts'

type Arrival = Pick<Evidence, 'addresses' | 'bodies' | 'largeHeaders' | 'cached' | 'crossOrigin'>

/** What becomes of ordinary requests on their way: body, long headers, caches, other origins, further addresses. */
export async function gatherArrival(probes: Probes, { main, mtls, style }: Deployment): Promise<Arrival> {
  const sides: readonly (readonly ['main' | 'mtls', Side])[] =
    mtls === undefined || style === 'path' ? [['main', main]] : [['main', main], ['mtls', mtls]] // prettier-ignore
  const bodies: BodySeen[] = []
  const largeHeaders: Evidence['largeHeaders'][number][] = []
  const cached: ('main' | 'mtls')[] = []
  const crossOrigin: Evidence['crossOrigin'][number][] = []
  const addresses: AddressSeen[] = []
  for (const [role, side] of sides) {
    const first = await ask(probes, side, { form: plainForm })
    if (nobodyThere(first)) continue
    const token = probes.token(side)
    const filler = 'x'.repeat(largeHeader * 1024)
    if (fromServer(first))
      largeHeaders.push({
        side: role,
        kilobytes: largeHeader,
        seen: await ask(probes, side, { form: plainForm, headers: { 'X-Filler': filler } }),
      })
    crossOrigin.push({
      side: role,
      origin: foreignOrigin,
      seen: await ask(probes, side, { form: plainForm, headers: { Origin: foreignOrigin } }),
    })
    addresses.push(...(await furtherAddresses(probes, role, side)))
    if (token === undefined) continue
    const form = `a=%2B+%C3%A9&b=${randomBytes(6000).toString('base64url')}&c=${encodeURIComponent('ü "quoted" \r\n ; $')}`
    bodies.push({
      side: role,
      length: form.length,
      digest: createHash('sha256').update(form).digest('base64url'),
      seen: await ask(probes, side, { form, headers: echoHeaders(token) }),
    })
    if (await answersFromCache(probes, side, token)) cached.push(role)
  }
  return { addresses, bodies, largeHeaders, cached, crossOrigin }
}

async function answersFromCache(probes: Probes, side: Side, token: string): Promise<boolean> {
  const path = `${side.base}/doctor/echo`
  const answers: (string | null | undefined)[] = []
  const questions = [randomUUID(), randomUUID()]
  for (const question of questions) {
    const headers = { ...echoHeaders(token), 'Holdfast-Doctor': question }
    const seen = await ask(probes, side, { path, headers })
    answers.push(seen.kind === 'answer' ? seen.echo?.asked : undefined)
  }
  return answers[0] === questions[0] && answers[1] === questions[0]
}

function echoHeaders(token: string): Readonly<Record<string, string>> {
  return { Authorization: `Bearer ${token}`, 'Holdfast-Doctor': 'body' }
}

/** The same handshake at every address but the one that all others used. */
async function furtherAddresses(probes: Probes, role: 'main' | 'mtls', side: Side): Promise<readonly AddressSeen[]> {
  const { reach } = probes
  const known = reach.address(side.name, side.port)
  const [first, ...others] = await reach.addresses(side.name, side.port)
  const seen: AddressSeen[] = []
  for (const address of [first, ...others]) {
    if (address === undefined || (address.host === known.host && address.port === known.port)) continue
    const opening: Opening = { name: side.name, port: side.port }
    const connection = await openConnection(opening, { ...reach, address: () => address })
    const text = address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
    if ('kind' in connection) seen.push({ side: role, address: text, facts: undefined, refused: connection })
    else {
      connection.socket.destroy()
      seen.push({ side: role, address: text, facts: connection.facts, refused: undefined })
    }
  }
  return seen
}

/** One request without a certificate; where the server certificate is not believed, without the token. */
async function ask(
  probes: Probes,
  side: Side,
  what: {
    readonly path?: string
    readonly form?: string
    readonly headers?: Readonly<Record<string, string>>
  },
): Promise<Seen> {
  const connection = await openConnection({ name: side.name, port: side.port }, probes.reach)
  if ('kind' in connection) return connection
  const asking = asker(connection, probes.reach)
  const { headers = {} } = what
  const shown = connection.facts.distrust === undefined || !('Authorization' in headers)
  const seen = await asking.ask({
    host: side.authority,
    path: what.path ?? side.token,
    headers: shown ? headers : {},
    ...(what.form === undefined ? {} : { form: what.form }),
  })
  probes.note(seen)
  asking.close()
  return seen
}

const plainForm = 'grant_type=client_credentials&client_id=holdfast-doctor'
/** Nobody has this name (RFC 6761 §6.4). */
const foreignOrigin = 'https://holdfast-doctor.invalid'
/** KB: an access token with many claims, or one of a post-quantum signature; below what programs take by default. */
const largeHeader = 6
