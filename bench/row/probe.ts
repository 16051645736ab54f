import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { benchNames } from '../fixture/bench-fixture.ts'
import { type Address } from '../load/load-plan.ts'

export interface ProbeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** One request outside the load: to fetch keys, or to see that the wrong certificate is refused. */
export function probe(
  address: Address,
  options: {
    readonly method?: string
    readonly path: string
    readonly host: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
    readonly tls?: { readonly certificate?: string; readonly key?: string; readonly authority: string }
  },
): Promise<ProbeAnswer> {
  const place = address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port }
  const common = {
    ...place,
    method: options.method ?? 'GET',
    path: options.path,
    agent: false,
    headers: { host: options.host, ...options.headers },
  } as const
  return new Promise((resolve, reject) => {
    const outgoing =
      options.tls === undefined
        ? plainRequest(common)
        : tlsRequest({
            ...common,
            servername: options.host,
            ca: options.tls.authority,
            ...(options.tls.certificate === undefined ? {} : { cert: options.tls.certificate }),
            ...(options.tls.key === undefined ? {} : { key: options.tls.key }),
          })
    outgoing.once('error', reject)
    outgoing.once('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      response.once('error', reject)
    })
    outgoing.end(options.body)
  })
}

/** One token request of `clientId` with the given certificate: in nginx's header, or by TLS when an authority is named. */
export function requestToken(
  address: Address,
  clientId: string,
  presented: { readonly certificate: string; readonly key: string; readonly escapedPem: string },
  authority: string | undefined,
  extraHeaders: Readonly<Record<string, string>> = {},
): Promise<ProbeAnswer> {
  const { certificate, key, escapedPem } = presented
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: benchNames.scope,
    resource: benchNames.audience,
  }).toString()
  return probe(address, {
    method: 'POST',
    path: '/token',
    host: benchNames.mtlsHost,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(form.length),
      ...(authority === undefined ? { 'x-ssl-cert': escapedPem, ...extraHeaders } : {}),
    },
    body: form,
    ...(authority === undefined ? {} : { tls: { certificate, key, authority } }),
  })
}

/** Asks for a token as `clientId` with another's certificate; throws unless the answer is `invalid_client`. */
export async function proveStrangerIsRefused(...request: Parameters<typeof requestToken>): Promise<void> {
  const { status, body } = await requestToken(...request)
  if (status !== 401 || !body.includes('invalid_client')) throw new Error(`a stranger was answered ${status} ${body}`)
}
