import { certificateHeaderPresets } from '@holdfast/edge'
import { sensitiveHeaderNames } from '@holdfast/proxy-config'
import type { Side } from '../deployment.ts'
import type { ForgerySeen } from '../evidence.ts'
import { type Forgery, forgeries } from '../forgery.ts'
import { asker, type Asker } from '../probe/ask.ts'
import { type OpenConnection, openConnection, type Opening } from '../probe/open-connection.ts'
import { differs, type Seen } from '../probe/seen.ts'
import { askOn, type Probes } from './probes.ts'

/** Sends a certificate in every header that is known for it, on every road where it must not count. */
export async function gatherForgeries(probes: Probes, main: Side, mtls: Side): Promise<readonly ForgerySeen[]> {
  const { certificates, deployment } = probes
  const all = forgeries(sensitiveHeaderNames, Object.values(certificateHeaderPresets), certificates.forged.der)
  const chosen = all.filter(({ spelling, known }) => spelling === 'plain' && known)
  const shown = certificates.plain
  const at = (side: Side): Pick<Opening, 'name' | 'port'> => ({ name: side.name, port: side.port })
  const roads: readonly Road[] = [
    { through: 'main', opening: { ...at(main), alpn: 'http/1.1' }, side: main, send: all },
    { through: 'main', opening: { ...at(main), alpn: 'h2' }, side: main, send: chosen },
    ...(deployment.style === 'one_side'
      ? []
      : ([
          { through: 'mtls', opening: { ...at(mtls), alpn: 'http/1.1' }, side: mtls, send: all },
          { through: 'mtls', opening: { ...at(mtls), alpn: 'h2' }, side: mtls, send: chosen },
          {
            through: 'mtls_with_certificate',
            opening: { ...at(mtls), alpn: 'http/1.1', certificate: shown },
            side: mtls,
            send: all.filter(({ known, spelling }) => known && spelling !== 'case'),
          },
        ] as const)),
    ...(deployment.style === 'name' && main.port === mtls.port
      ? ([
          { through: 'mixed', opening: { ...at(main), alpn: 'http/1.1' }, side: mtls, send: chosen },
          { through: 'mixed', opening: { ...at(mtls), alpn: 'http/1.1' }, side: main, send: chosen },
        ] as const)
      : []),
  ]
  const seen: ForgerySeen[] = []
  for (const road of roads) seen.push(...(await travel(probes, road)))
  return seen
}

interface Road {
  readonly through: ForgerySeen['through']
  readonly opening: Opening
  readonly side: Side
  readonly send: readonly Forgery[]
}

async function travel(probes: Probes, { through, opening, side, send }: Road): Promise<readonly ForgerySeen[]> {
  const seen: ForgerySeen[] = []
  let open: { readonly connection: OpenConnection; readonly asking: Asker } | undefined
  const ask = async (headers: Readonly<Record<string, string | readonly string[]>>): Promise<Seen> => {
    if (open?.asking.usable() !== true) {
      open?.asking.close()
      const connection = await openConnection(opening, probes.reach)
      if ('kind' in connection) return connection
      open = { connection, asking: asker(connection, probes.reach) }
    }
    return askOn(probes, open.connection, open.asking, side, headers)
  }
  const before = await ask({})
  let strange = 0
  const found = ({ header, spelling }: Forgery, answer: Seen): void => {
    seen.push({
      ...{ through, header, spelling, before, seen: answer },
      http: opening.alpn ?? 'http/1.1',
      forged: probes.certificates.forged.thumbprint,
      shown: opening.certificate === undefined ? undefined : probes.certificates.plain.thumbprint,
    })
  }
  for (const some of together(send)) {
    if (before.kind !== 'answer') break
    const all = await ask(Object.assign({}, ...some.map(lines)) as Readonly<Record<string, string | readonly string[]>>)
    if (!differs(before, all)) {
      for (const forgery of some) found(forgery, all)
      continue
    }
    // Something of them came through: which?
    for (const forgery of some) {
      // One of these may be believed. Of all others a few that go through say enough.
      if (strange >= enough && !(forgery.known && forgery.spelling === 'plain')) continue
      const answer = await ask(lines(forgery))
      if (differs(before, answer)) strange++
      found(forgery, answer)
    }
  }
  open?.asking.close()
  return seen
}

function lines({ header, value, spelling }: Forgery): Readonly<Record<string, string | readonly string[]>> {
  return { [header]: spelling === 'twice' ? [value, value] : value }
}

/** Requests with several headers, of different names, that nobody would refuse for their length. */
function together(forgeries: readonly Forgery[]): readonly (readonly Forgery[])[] {
  const requests: Forgery[][] = []
  for (const forgery of forgeries) {
    const name = forgery.header.toLowerCase()
    const request = requests.find(
      (some) =>
        some.every(({ header, spelling }) => header.toLowerCase() !== name && spelling === forgery.spelling) &&
        [...some, forgery].reduce((sum, one) => sum + one.value.length * (one.spelling === 'twice' ? 2 : 1), 0) <
          longest,
    )
    if (request === undefined) requests.push([forgery])
    else request.push(forgery)
  }
  return requests
}

/** Characters of values in one request: half of what programs take by default. */
const longest = 4096
const enough = 8
