import { KeyObject, createPublicKey, verify } from 'node:crypto'
import { type BenchFixture, type FixtureClient, benchNames } from '../fixture/bench-fixture.ts'
import { type LoadClient, type LoadPlan, type ResponseSample } from '../load/load-plan.ts'

/** Who ends TLS: nginx in front, which writes the certificate into a header, or the candidate itself. */
export type CertificateRoad = 'header' | 'tls'

/** The load of a token endpoint: every request a form for one of the clients, its certificate by the given road. */
export function tokenPlan(
  fixture: BenchFixture,
  road: CertificateRoad,
  window: Pick<LoadPlan, 'warmMilliseconds' | 'measureMilliseconds'>,
  extraHeaders = '',
): Omit<LoadPlan, 'addresses' | 'processes'> {
  return {
    ...window,
    mode: 'keep-alive',
    connections: 32,
    clients: fixture.clients.map((client) => tokenClient(client, road, extraHeaders)),
    polling: 'busy',
    expectedStatus: 200,
    ...(road === 'tls' ? { tlsServerName: benchNames.mtlsHost } : {}),
  }
}

/** One client's request for a token, as text. */
export function tokenClient(client: FixtureClient, road: CertificateRoad, extraHeaders = ''): LoadClient {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client.clientId,
    scope: benchNames.scope,
    resource: benchNames.audience,
  }).toString()
  const certificateHeader = road === 'header' ? `X-SSL-CERT: ${client.escapedPem}\r\n` : ''
  return {
    clientId: client.clientId,
    thumbprint: client.thumbprint,
    request: {
      before:
        `POST /token HTTP/1.1\r\nHost: ${benchNames.mtlsHost}\r\nAccept: application/json\r\n` +
        `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n` +
        `${certificateHeader}${extraHeaders}\r\n${form}`,
      after: '',
    },
    ...(road === 'tls' ? { tls: { certificate: client.certificate, key: client.key } } : {}),
  }
}

/** A public key as a JWK set has it. */
export type PublicJwk = Readonly<Record<string, unknown>>

/** Throws unless every sampled answer holds a token that is signed, current, of its own, and bound to its client's certificate. */
export function proveTokens(
  samples: readonly ResponseSample[],
  clients: readonly FixtureClient[],
  algorithm: 'ES256' | 'RS256',
  keys: readonly (KeyObject | PublicJwk)[],
  scopes: readonly string[] = [benchNames.scope],
): void {
  if (samples.length === 0) throw new Error('no answer was sampled')
  const publicKeys = keys.map((key) =>
    key instanceof KeyObject ? key : createPublicKey({ key: { ...key }, format: 'jwk' }),
  )
  const seen = new Set<unknown>()
  const now = Date.now() / 1000
  for (const sample of samples) {
    const client = clients[sample.client]
    const answer = JSON.parse(sample.body) as Record<string, unknown>
    const [head = '', payload = '', signature = ''] = String(answer['access_token']).split('.')
    const header = decoded(head)
    const claims = decoded(payload)
    const bytes = Buffer.from(`${head}.${payload}`, 'latin1')
    const signed = publicKeys.some((key) =>
      verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')),
    )
    const expected: Readonly<Record<string, boolean>> = {
      'token_type Bearer': String(answer['token_type']).toLowerCase() === 'bearer',
      [`alg ${algorithm}`]: header['alg'] === algorithm,
      'typ at+jwt': header['typ'] === 'at+jwt',
      'a good signature': signed,
      iss: claims['iss'] === benchNames.issuer,
      aud: [claims['aud']].flat().includes(benchNames.audience),
      client_id: claims['client_id'] === client?.clientId,
      scope: scopes.includes(String(claims['scope'])),
      exp: Number(claims['exp']) > now,
      'a jti of its own': typeof claims['jti'] === 'string' && !seen.has(claims['jti']),
      'cnf.x5t#S256': (claims['cnf'] as Record<string, unknown> | undefined)?.['x5t#S256'] === client?.thumbprint,
    }
    seen.add(claims['jti'])
    const missing = Object.keys(expected).filter((name) => expected[name] === false)
    if (missing.length > 0) throw new Error(`a token lacks ${missing.join(', ')}: ${sample.body}`)
  }
}

/** Throws unless every sampled answer holds a token of its own, too long to guess, that is no JWT. */
export function proveOpaqueTokens(samples: readonly ResponseSample[]): void {
  if (samples.length === 0) throw new Error('no answer was sampled')
  const seen = new Set<string>()
  for (const { body } of samples) {
    const answer = JSON.parse(body) as { readonly access_token?: string; readonly token_type?: string }
    const token = answer.access_token ?? ''
    if (token.length < shortestOpaqueToken || token.includes('.') || seen.has(token))
      throw new Error(`no opaque token: ${body}`)
    seen.add(token)
  }
}

function decoded(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
}

/** 128 bits in base64url. */
const shortestOpaqueToken = 22
