import { type Side, sideOf } from '../deployment.ts'
import type { TokenSeen } from '../evidence.ts'
import { asker } from '../probe/ask.ts'
import { openConnection, type ShownCertificate } from '../probe/open-connection.ts'
import type { Seen } from '../probe/seen.ts'
import type { Probes } from './probes.ts'

/** A client that is registered, and an API that takes its tokens. */
export interface TestClient {
  readonly clientId: string
  readonly certificate: ShownCertificate
  readonly scope: string | undefined
  readonly resource: URL | undefined
}

/** Gets a bound token, and shows it with its certificate, without one, with another, and with a forged header. */
export async function gatherTokens(
  probes: Probes,
  mtls: Side,
  client: TestClient,
  forged: { readonly header: string; readonly value: string },
): Promise<TokenSeen> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: client.clientId })
  if (client.scope !== undefined) form.set('scope', client.scope)
  const issued = await once(probes, mtls, mtls.token, client.certificate, {}, form.toString())
  const token = memberOf(issued, 'access_token')
  const resource = client.resource
  const side = sideOf(resource?.href)
  if (token === undefined || resource === undefined || side === undefined)
    return {
      issued,
      bound: token === undefined ? 'unknown' : boundness(token),
      withCertificate: undefined,
      withoutCertificate: undefined,
      withOtherCertificate: undefined,
      withForgedHeader: undefined,
    }
  const path = resource.pathname + resource.search
  const authorization = { Authorization: `Bearer ${token}` }
  return {
    issued,
    bound: boundness(token),
    withCertificate: await once(probes, side, path, client.certificate, authorization),
    withoutCertificate: await once(probes, side, path, undefined, authorization),
    withOtherCertificate: await once(probes, side, path, probes.certificates.plain, authorization),
    withForgedHeader: await once(probes, side, path, undefined, { ...authorization, [forged.header]: forged.value }),
  }
}

async function once(
  probes: Probes,
  side: Side,
  path: string,
  certificate: ShownCertificate | undefined,
  headers: Readonly<Record<string, string>>,
  form?: string,
): Promise<Seen> {
  const connection = await openConnection({ name: side.name, port: side.port, certificate }, probes.reach)
  if ('kind' in connection) return connection
  // What it would be told is a token that is good.
  if (connection.facts.distrust !== undefined) {
    connection.socket.destroy()
    return { kind: 'no_connection', code: connection.facts.distrust }
  }
  const asking = asker(connection, probes.reach)
  const seen = await asking.ask({ host: side.authority, path, headers, ...(form === undefined ? {} : { form }) })
  asking.close()
  return seen
}

function boundness(token: string): TokenSeen['bound'] {
  const payload = token.split('.')[1]
  if (payload === undefined) return 'unknown'
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
      readonly cnf?: Readonly<Record<string, unknown>>
    }
    return claims.cnf?.['x5t#S256'] === undefined ? 'no' : 'yes'
  } catch {
    return 'unknown'
  }
}

function memberOf(seen: Seen, name: string): string | undefined {
  if (seen.kind !== 'answer' || seen.body !== 'json') return undefined
  const value = (JSON.parse(seen.text) as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' ? value : undefined
}
