import { connect } from 'node:net'
import { type Deployment, type Side, sideOf } from '../deployment.ts'
import type { BackendSeen, EndpointSeen, Evidence } from '../evidence.ts'
import { asker } from '../probe/ask.ts'
import { openConnection } from '../probe/open-connection.ts'
import { answered, failed, nobodyThere, type Seen } from '../probe/seen.ts'
import type { Probes } from './probes.ts'

/** One request to one address, without a certificate. */
export async function fetchOnce(probes: Probes, side: Side, path: string, form?: string): Promise<Seen> {
  const connection = await openConnection({ name: side.name, port: side.port }, probes.reach)
  if ('kind' in connection) return connection
  const asking = asker(connection, probes.reach)
  const seen = await asking.ask({ host: side.authority, path, ...(form === undefined ? {} : { form }) })
  probes.note(seen)
  asking.close()
  return seen
}

/** Whether each alias is answered, by whom, and what else the certificate host serves. */
export async function gatherEndpoints(
  probes: Probes,
  deployment: Deployment,
): Promise<Pick<Evidence, 'endpoints' | 'mainEndpoints' | 'aliasMetadata' | 'authorizeOnMtls' | 'pages'>> {
  const { mtls, main } = deployment
  const endpoints: EndpointSeen[] = []
  const unreachable = new Map<string, Seen>()
  for (const [endpoint, url] of deployment.aliases) {
    const side = sideOf(url)
    if (side === undefined) continue
    // An empty form: every back-channel endpoint must refuse it, and only nothing answers 404.
    const dead = unreachable.get(side.authority)
    const seen = dead ?? (await fetchOnce(probes, side, new URL(url).pathname, 'client_id=doctor'))
    if (nobodyThere(seen)) unreachable.set(side.authority, seen)
    endpoints.push({ endpoint, url, seen })
  }
  const mainEndpoints: EndpointSeen[] = []
  for (const [endpoint, url] of deployment.endpoints) {
    const side = sideOf(url)
    // What people see is looked at below; other hosts are somebody else's.
    if (side === undefined || peoplesEndpoints.has(endpoint)) continue
    const at = new URL(url)
    const dead = unreachable.get(side.authority)
    const form = endpoint === 'jwks_uri' ? undefined : 'client_id=doctor'
    const seen = dead ?? (await fetchOnce(probes, side, at.pathname + at.search, form))
    if (nobodyThere(seen)) unreachable.set(side.authority, seen)
    mainEndpoints.push({ endpoint, url, seen })
  }
  const pages: { readonly url: string; readonly text: string; readonly headers: string }[] = []
  for (const path of pagePaths(deployment)) {
    const seen = await fetchOnce(probes, main, path)
    if (seen.kind === 'answer' && (seen.body === 'html' || seen.headers['content-security-policy'] !== undefined))
      pages.push({
        url: `https://${main.authority}${path}`,
        text: seen.text,
        headers: seen.headers['content-security-policy'] ?? '',
      })
  }
  if (mtls === undefined || deployment.style === 'path' || unreachable.has(mtls.authority))
    return { endpoints, mainEndpoints, pages, aliasMetadata: undefined, authorizeOnMtls: undefined }
  const metadata = await fetchOnce(probes, mtls, '/.well-known/openid-configuration')
  return {
    endpoints,
    mainEndpoints,
    pages,
    aliasMetadata:
      metadata.kind === 'answer' && metadata.status === 200 ? { issuer: issuerIn(metadata.text) } : undefined,
    authorizeOnMtls: await fetchOnce(
      probes,
      mtls,
      authorizePath(deployment) + '?response_type=code&client_id=holdfast-doctor',
    ),
  }
}

/** Plain HTTP: nothing may be served there but a redirect. */
export async function gatherPlainHttp(
  probes: Probes,
  address: { readonly host: string; readonly port: number },
  side: Side,
): Promise<NonNullable<Evidence['plainHttp']>> {
  return {
    tried: `${address.host}:${address.port}`,
    seen: await plainRequest(address, { Host: side.name }, side.token, probes.reach.timeout),
  }
}

/** Asks the server behind directly, with a forged certificate: it must not answer, or not believe. */
export async function gatherBackend(
  probes: Probes,
  address: { readonly host: string; readonly port: number },
  mtls: Side,
  headers: readonly { readonly header: string; readonly value: string }[],
): Promise<readonly BackendSeen[]> {
  const { path, headers: own } = probes.question(mtls)
  const seen: BackendSeen[] = []
  for (const { header, value } of headers)
    seen.push({
      address: `${address.host}:${address.port}`,
      header,
      forged: probes.certificates.forged.thumbprint,
      seen: await plainRequest(address, { Host: mtls.authority, ...own, [header]: value }, path, probes.reach.timeout),
    })
  return seen
}

/** What a server answers to a request that breaks the rules: each kind has an error page of its own. */
export async function gatherNonsense(probes: Probes, main: Side): Promise<string> {
  const connection = await openConnection({ name: main.name, port: main.port }, probes.reach)
  if ('kind' in connection) return ''
  const { socket } = connection
  socket.write(`GET / HTTP/1.1\r\nHost: ${main.authority}\r\nbad header: x\r\n\r\n`)
  return textUntilClose(socket, Math.min(probes.reach.timeout, 2000))
}

function plainRequest(
  address: { readonly host: string; readonly port: number },
  headers: Readonly<Record<string, string>>,
  path: string,
  timeout: number,
): Promise<Seen> {
  return new Promise((done) => {
    const socket = connect(address.port, address.host)
    socket.once('error', (error) => {
      done(failed(error))
    })
    socket.once('connect', () => {
      const lines = Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`)
      socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
      void textUntilClose(socket, timeout).then((text) => {
        const [head = '', ...rest] = text.split('\r\n\r\n')
        const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0)
        if (status === 0) {
          done({ kind: 'closed' })
          return
        }
        const fields = head
          .split('\r\n')
          .slice(1)
          .map((line): [string, string] => {
            const [name = '', ...value] = line.split(':')
            return [name.trim().toLowerCase(), value.join(':').trim()]
          })
        const body = rest.join('\r\n\r\n')
        // Chunked answers carry their lengths along; the JSON in between is what counts.
        const json = /\{[^]*\}/.exec(body)?.[0]
        done(answered(status, Object.fromEntries(fields), json ?? body))
      })
    })
    setTimeout(() => {
      done({ kind: 'silence' })
      socket.destroy()
    }, timeout).unref()
  })
}

function textUntilClose(socket: NodeJS.ReadWriteStream & { destroy(): unknown }, timeout: number): Promise<string> {
  return new Promise((done) => {
    let text = ''
    const end = (): void => {
      clearTimeout(patience)
      socket.destroy()
      done(text)
    }
    const patience = setTimeout(end, timeout)
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (text.length > mostText) end()
    })
    socket.once('end', end)
    socket.once('close', end)
    socket.once('error', end)
  })
}

function pagePaths({ authorizationEndpoint, main }: Deployment): readonly string[] {
  const authorize = sideOf(authorizationEndpoint)
  return ['/', '/login', ...(authorize?.name === main.name ? [new URL(authorizationEndpoint ?? '').pathname] : [])]
}

function authorizePath({ authorizationEndpoint }: Deployment): string {
  return authorizationEndpoint === undefined || !URL.canParse(authorizationEndpoint)
    ? '/authorize'
    : new URL(authorizationEndpoint).pathname
}

function issuerIn(text: string): string | undefined {
  try {
    const { issuer } = JSON.parse(text) as { readonly issuer?: unknown }
    return typeof issuer === 'string' ? issuer : undefined
  } catch {
    return undefined
  }
}

const peoplesEndpoints: ReadonlySet<string> = new Set([
  'authorization_endpoint',
  'end_session_endpoint',
  'registration_endpoint',
  'userinfo_endpoint',
])
const mostText = 65_536
