import { certificateHeaderPresets } from '@holdfast/edge'
import { type Deployment, type Side, sideOf } from '../deployment.ts'
import type { Evidence, ForgerySeen } from '../evidence.ts'
import { forgeries } from '../forgery.ts'
import { asker, type Asker } from '../probe/ask.ts'
import { type OpenConnection, openConnection, type ShownCertificate } from '../probe/open-connection.ts'
import { differs, nobodyThere, type Seen } from '../probe/seen.ts'
import type { Probes } from './probes.ts'

/**
 * Asks at each path that the metadata name what was asked at the path of the echo: a terminator may treat every path in its own way.
 *
 * With the token the server tells of each request how it arrived; without it a form meets the endpoint itself.
 */
export async function gatherPlaces(
  probes: Probes,
  deployment: Deployment,
): Promise<Pick<Evidence, 'atPaths'> & { readonly forgeries: readonly ForgerySeen[] }> {
  const { main, mtls, style } = deployment
  const atPaths: Evidence['atPaths'][number][] = []
  const forged: ForgerySeen[] = []
  for (const path of pathsOn(main, [...deployment.endpoints.values(), '/.well-known/openid-configuration']))
    forged.push(...(await forgeAt(probes, main, 'main', path)))
  if (mtls === undefined || style === 'path') return { atPaths, forgeries: forged }
  for (const path of pathsOn(mtls, deployment.aliases.values())) {
    forged.push(...(await forgeAt(probes, mtls, 'mtls', path)))
    if (probes.token(mtls) === undefined) continue
    const { plain } = probes.certificates
    const seen = await at(probes, mtls, plain, (ask) => ask(path, {}))
    if (nobodyThere(seen)) break
    atPaths.push({ path, thumbprint: plain.thumbprint, seen })
  }
  return { atPaths, forgeries: forged }
}

async function forgeAt(
  probes: Probes,
  side: Side,
  through: 'main' | 'mtls',
  path: string,
): Promise<readonly ForgerySeen[]> {
  const { forged } = probes.certificates
  const chosen = forgeries(usedHeaders, Object.values(certificateHeaderPresets), forged.der).filter(
    ({ spelling }) => spelling === 'plain',
  )
  const found: ForgerySeen[] = []
  await at(probes, side, undefined, async (ask) => {
    const before = await ask(path, {})
    for (let from = 0; from < chosen.length && before.kind === 'answer'; from += together) {
      const some = chosen.slice(from, from + together)
      const all = await ask(path, Object.fromEntries(some.map(({ header, value }) => [header, value])))
      // Each by itself only where something of them came through.
      if (!differs(before, all)) continue
      for (const { header, value, spelling } of some) {
        const seen = await ask(path, { [header]: value })
        found.push({
          ...{ through, http: 'http/1.1', header, spelling, path, before, seen },
          forged: forged.thumbprint,
          shown: undefined,
        })
      }
    }
    return before
  })
  return found
}

type Ask = (path: string, headers: Readonly<Record<string, string>>) => Promise<Seen>

/** Keeps one connection for many questions, and opens another where it is closed. */
async function at(
  probes: Probes,
  side: Side,
  certificate: ShownCertificate | undefined,
  work: (ask: Ask) => Promise<Seen>,
): Promise<Seen> {
  let open: { readonly connection: OpenConnection; readonly asking: Asker } | undefined
  const token = probes.token(side)
  const ask: Ask = async (path, headers) => {
    if (open?.asking.usable() !== true) {
      open?.asking.close()
      const connection = await openConnection({ name: side.name, port: side.port, certificate }, probes.reach)
      if ('kind' in connection) return connection
      open = { connection, asking: asker(connection, probes.reach) }
    }
    const { facts } = open.connection
    const own: Readonly<Record<string, string>> =
      token === undefined || facts.distrust !== undefined
        ? {}
        : { Authorization: `Bearer ${token}`, 'Holdfast-Doctor': 'path' }
    const seen = await open.asking.ask({
      host: side.authority,
      path,
      headers: { ...own, ...headers },
      // What is read by a browser or an API is fetched; all others take forms.
      ...(fetched.test(path) ? {} : { form: 'grant_type=client_credentials&client_id=holdfast-doctor' }),
    })
    probes.note(seen)
    return seen
  }
  const last = await work(ask)
  open?.asking.close()
  return last
}

/** Paths that lie on this side, each once. */
function pathsOn(side: Side, urls: Iterable<string>): readonly string[] {
  const paths = [...urls].flatMap((url) => {
    if (url.startsWith('/')) return [url]
    const there = sideOf(url)
    return there !== undefined && there.name === side.name && there.port === side.port ? [new URL(url).pathname] : []
  })
  return [...new Set(paths)].slice(0, mostPaths)
}

const usedHeaders: readonly string[] = [...new Set(Object.values(certificateHeaderPresets).map(({ header }) => header))]
const fetched = /\/(jwks|authorize|userinfo|logout|\.well-known\/.*)$/
/** Headers of one request: longer ones meet limits. */
const together = 6
const mostPaths = 16
