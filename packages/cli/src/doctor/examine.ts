import { certificateHeaderPresets } from '@holdfast/edge'
import type { Making } from '../cert/making.ts'
import type { Deployment, Side } from './deployment.ts'
import type { Evidence, HandshakeSeen } from './evidence.ts'
import { forgeries } from './forgery.ts'
import { gatherArrival } from './gather/gather-arrival.ts'
import { gatherAsksDuringRequest, gatherCertificates, gatherLargeBody } from './gather/gather-certificates.ts'
import { gatherBackend, gatherEndpoints, gatherNonsense, gatherPlainHttp } from './gather/gather-endpoints.ts'
import { gatherForgeries } from './gather/gather-forgeries.ts'
import { gatherHandshakes, gatherOtherNames } from './gather/gather-handshakes.ts'
import { gatherHopByHop, gatherMisdirected } from './gather/gather-misdirected.ts'
import { gatherPlaces } from './gather/gather-places.ts'
import { gatherExpiredMeanwhile, gatherSessions } from './gather/gather-sessions.ts'
import { gatherTokens, type TestClient } from './gather/gather-tokens.ts'
import { askOnce, type Probes, questionOf } from './gather/probes.ts'
import { readDeployment } from './gather/read-deployment.ts'
import type { Reach } from './probe/open-connection.ts'
import { nobodyThere, type Seen, thumbprintSeen } from './probe/seen.ts'
import { certificateFault } from './server-certificate.ts'
import { throwAwayCertificates } from './throw-away-certificates.ts'

/** What is examined, and with what at hand. */
export interface Target {
  readonly url: URL
  readonly reach: Reach
  readonly token: string | undefined
  readonly client: TestClient | undefined
  /** Where plain HTTP would be served; `undefined` where it is not to be tried. */
  readonly plainHttp: { readonly host: string; readonly port: number } | undefined
  readonly backend: { readonly host: string; readonly port: number } | undefined
}

/** Probes a deployment from outside, and brings home what was seen. Decides nothing. */
export async function examine(target: Target, making: Making): Promise<Evidence> {
  const headers: Readonly<Record<string, string>>[] = []
  let clockOffset = 0
  let clockAhead: number | undefined
  const note = (seen: Seen): void => {
    if (seen.kind !== 'answer') return
    headers.push(seen.headers)
    if (seen.echo !== undefined) clockAhead = seen.echo.now - making.now()
    const date = Date.parse(seen.headers['date'] ?? '')
    if (!Number.isNaN(date)) clockOffset = Math.round(date / 1000) - making.now()
  }
  const { deployment, metadata } = await readDeployment(target.url, target.reach, note, making.now())
  const { main, mtls } = deployment
  const certificates = throwAwayCertificates(making)
  const bare: Probes = {
    ...{ deployment, reach: target.reach, certificates, note, now: making.now },
    question: questionOf(undefined),
    token: () => undefined,
    wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  }
  if (metadata !== 'read') {
    const mainHandshakes = await gatherHandshakes(main, target.reach)
    return {
      ...nothing,
      ...{ deployment, metadata, mainHandshakes, marks: { headers, nonsense: await gatherNonsense(bare, main) } },
      serverCertificates: certificateFaults([mainHandshakes], deployment, target.reach, making.now()),
    }
  }
  const withEcho = await sidesWithEcho(bare, target.token, deployment)
  const probes: Probes = {
    ...bare,
    question: (side) => questionOf(withEcho.has(side) ? target.token : undefined)(side),
    token: (side) => (withEcho.has(side) ? target.token : undefined),
  }

  const [mainHandshakes, otherNames, mtlsEvidence, endpointEvidence, nonsense, forgery, places, arrival] =
    await Promise.all([
      gatherHandshakes(main, target.reach),
      gatherOtherNames(main, target.reach),
      mtls === undefined ? undefined : ofMtls(probes, main, mtls, () => making.now() + clockOffset),
      gatherEndpoints(probes, deployment),
      gatherNonsense(probes, main),
      mtls === undefined ? [] : gatherForgeries(probes, main, mtls),
      gatherPlaces(probes, deployment),
      gatherArrival(probes, deployment),
    ])
  const forged = forgeries(['X-SSL-CERT'], Object.values(certificateHeaderPresets), certificates.forged.der)
  return {
    deployment,
    metadata,
    echo: target.token === undefined ? 'not_tried' : echoOf(withEcho, deployment),
    mainHandshakes,
    otherNames,
    ...(mtlsEvidence ?? nothingOfMtls),
    forgeries: [...forgery, ...places.forgeries],
    atPaths: places.atPaths,
    ...endpointEvidence,
    ...arrival,
    serverCertificates: certificateFaults(
      [mainHandshakes, mtlsEvidence?.mtlsHandshakes ?? []],
      deployment,
      target.reach,
      making.now(),
    ),
    clockAhead,
    plainHttp:
      target.plainHttp === undefined ? undefined : await gatherPlainHttp(probes, target.plainHttp, mtls ?? main),
    backend:
      target.backend === undefined || mtls === undefined
        ? []
        : await gatherBackend(
            probes,
            target.backend,
            mtls,
            forgeries(presetHeaders, Object.values(certificateHeaderPresets), certificates.forged.der).filter(
              ({ spelling }) => spelling === 'plain',
            ),
          ),
    tokens:
      target.client === undefined || mtls === undefined
        ? undefined
        : await gatherTokens(probes, mtls, target.client, forged[0] ?? { header: 'X-SSL-CERT', value: '' }),
    marks: { headers, nonsense },
  }
}

type OfMtls = Pick<
  Evidence,
  | 'mtlsHandshakes'
  | 'asksDuringRequest'
  | 'certificates'
  | 'largeBody'
  | 'misdirected'
  | 'hopByHop'
  | 'sessions'
  | 'expiredMeanwhile'
>

async function ofMtls(probes: Probes, main: Side, mtls: Side, serverNow: () => number): Promise<OfMtls> {
  const { deployment, reach } = probes
  const mtlsHandshakes = await gatherHandshakes(mtls, reach)
  // A terminator that cannot ask for a path asks everybody on the host: then all is as with a host of its own.
  const asked = mtlsHandshakes.some(({ facts }) => facts?.asked === true)
  const path = deployment.style === 'path' && !asked
  if (mtlsHandshakes.some(({ refused }) => nobodyThere(refused))) return { ...nothingOfMtls, mtlsHandshakes }
  const [certificates, largeBody, misdirected, sessions] = await Promise.all([
    path ? [] : gatherCertificates(probes, mtls, mtlsHandshakes),
    path ? undefined : gatherLargeBody(probes, mtls),
    gatherMisdirected(probes, main, mtls),
    gatherSessions(probes, main, mtls),
  ])
  const resumed = sessions.find(({ from, to, resumed: back }) => from === 'mtls' && to === 'mtls' && back === 'yes')
  const plain = certificates.find(({ kind }) => kind === 'plain')
  const echo = plain?.seen.kind === 'answer' ? plain.seen.echo : undefined
  const header =
    echo?.source === 'header' && typeof thumbprintSeen(plain?.seen) === 'string' ? echo.header?.name : undefined
  return {
    mtlsHandshakes,
    certificates,
    largeBody,
    misdirected,
    sessions,
    asksDuringRequest: path
      ? await gatherAsksDuringRequest(probes, mtls)
      : deployment.style === 'path'
        ? 'in_handshake'
        : 'not_tried',
    hopByHop: header === undefined ? [] : await gatherHopByHop(probes, mtls, [header], verdictHeadersOf(header)),
    expiredMeanwhile:
      resumed === undefined
        ? undefined
        : await gatherExpiredMeanwhile(
            probes,
            mtls,
            resumed.version === 'TLSv1.2' ? 'TLSv1.2' : 'TLSv1.3',
            serverNow(),
          ),
  }
}

const nothingOfMtls: OfMtls = {
  mtlsHandshakes: [],
  asksDuringRequest: 'not_tried',
  certificates: [],
  largeBody: undefined,
  misdirected: [],
  hopByHop: [],
  sessions: [],
  expiredMeanwhile: undefined,
}

/** Where there are no metadata nothing else can be looked at. */
const nothing: Omit<Evidence, 'deployment' | 'metadata' | 'mainHandshakes' | 'marks' | 'serverCertificates'> = {
  ...nothingOfMtls,
  echo: 'not_tried',
  otherNames: [],
  addresses: [],
  atPaths: [],
  forgeries: [],
  plainHttp: undefined,
  backend: [],
  endpoints: [],
  mainEndpoints: [],
  bodies: [],
  largeHeaders: [],
  cached: [],
  crossOrigin: [],
  clockAhead: undefined,
  pages: [],
  aliasMetadata: undefined,
  authorizeOnMtls: undefined,
  tokens: undefined,
}

function certificateFaults(
  sides: readonly (readonly HandshakeSeen[])[],
  { main, mtls }: Deployment,
  { ca }: Reach,
  now: number,
): Evidence['serverCertificates'] {
  return sides.flatMap((handshakes, at) => {
    const facts = handshakes.find((one) => one.facts?.distrust !== undefined)?.facts
    const fault =
      facts === undefined ? undefined : certificateFault(facts, ca === undefined ? 'of_the_system' : 'named', now)
    return fault === undefined ? [] : [{ ...fault, authority: (at === 0 ? main : mtls)?.authority ?? '' }]
  })
}

/** The sides on which the server knows the token; a server that demands certificates is shown one. */
async function sidesWithEcho(
  probes: Probes,
  token: string | undefined,
  { main, mtls }: Deployment,
): Promise<ReadonlySet<Side>> {
  const found = new Set<Side>()
  if (token === undefined) return found
  const asking: Probes = { ...probes, question: questionOf(token) }
  for (const side of [main, ...(mtls === undefined ? [] : [mtls])])
    for (const certificate of [undefined, probes.certificates.plain]) {
      if (side === main && certificate !== undefined) continue
      const seen = await askOnce(asking, { name: side.name, port: side.port, certificate }, side)
      if (seen.kind === 'answer' && seen.echo !== undefined) found.add(side)
      if (found.has(side) || nobodyThere(seen)) break
    }
  return found
}

function echoOf(answering: ReadonlySet<Side>, { mtls }: Deployment): Evidence['echo'] {
  if (answering.size === 0) return 'refuses'
  return mtls === undefined || answering.has(mtls) ? 'answers' : 'main_only'
}

function verdictHeadersOf(header: string): readonly string[] {
  const names = Object.values(certificateHeaderPresets).flatMap((preset) =>
    preset.header === header && preset.verdictHeader !== undefined ? [preset.verdictHeader] : [],
  )
  return [...new Set(names)]
}

const presetHeaders: readonly string[] = [
  ...new Set(Object.values(certificateHeaderPresets).map(({ header }) => header)),
]
