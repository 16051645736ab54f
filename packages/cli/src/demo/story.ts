import { type AccessToken, type Client, ClientError, createClient } from '@holdfast/client'
import type { Failure } from '@holdfast/core'
import { readFileSync } from 'node:fs'
import type { Addresses } from '../deployment/addresses.ts'
import { findAuditEvent } from '../explain/audit-file.ts'
import { failureText } from '../explain/failure-text.ts'
import { shortThumbprint } from '../explain/short-thumbprint.ts'
import { cast, type ClientRole } from './cast.ts'
import type { CertificateFile, DemoFolder } from './demo-folder.ts'
import type { Step } from './tell.ts'
import { type TlsAnswer, tlsRequest } from './tls-request.ts'

/** Where the story is played. */
export interface Stage {
  readonly addresses: Addresses
  readonly folder: DemoFolder
  /** Why the API refused the last request that it refused. */
  readonly lastRefusal: () => Failure | undefined
}

export interface Chapter {
  readonly heading: string
  readonly steps: readonly (() => Promise<Step>)[]
}

/**
 * The story: real requests over real TLS connections, each compared with what should happen.
 *
 * The chapters are played in order; a later step needs the token of an earlier one. `close` ends the connections.
 */
export function story(stage: Stage): { readonly chapters: readonly Chapter[]; close(): Promise<void> } {
  const clients = openClients(stage)
  const stolen: { token: string } = { token: '' }
  const getToken = async (role: ClientRole, title: string): Promise<Step> => {
    const step = await tokenStep(stage, clients[role], role, title)
    if (role === 'orders') stolen.token = step.token
    return step
  }
  return {
    chapters: [
      {
        heading: 'PROGRAMS GET TOKENS',
        steps: [
          () => getToken('orders', `${cast.orders.clientId} has a certificate from a CA that the server trusts`),
          () => getToken('meter', `${cast.meter.clientId} made its own certificate, and that one is registered`),
          () =>
            getToken(
              'report',
              `${cast.report.clientId} proves itself with a signature; its certificate binds the token`,
            ),
          () =>
            getToken('kiosk', `${cast.kiosk.clientId} has no credential; its certificate was made for this one run`),
        ],
      },
      {
        heading: 'THE TOKEN IS USED, AND STOLEN',
        steps: [
          () => ownerStep(stage, clients.orders, stolen.token),
          () => thiefStep(stage, stolen.token),
          () => bareStep(stage, stolen.token),
        ],
      },
      {
        heading: 'STRANGERS ASK FOR TOKENS',
        steps: [
          () =>
            impostorStep(stage, stage.folder.thief, 'certificate_subject_mismatch', {
              title: `The thief says that he is ${cast.orders.clientId}, with his own certificate`,
            }),
          () =>
            impostorStep(stage, stage.folder.stranger, 'certificate_untrusted', {
              title: 'A stranger has made himself a certificate with exactly the right name in it',
            }),
        ],
      },
      {
        heading: 'THE SERVER IS ASKED WHAT THE TOKEN IS',
        steps: [() => introspectionStep(stage, clients.api, stolen.token)],
      },
    ],
    close: async () => {
      await Promise.all(Object.values(clients).map((client) => client.close()))
    },
  }
}

type Clients = { readonly [Role in ClientRole | 'api']: Client }

function openClients(stage: Stage): Clients {
  const { folder, addresses } = stage
  const ca = readFileSync(folder.ca, 'utf8')
  const open = (
    clientId: string,
    authentication: Parameters<typeof createClient>[0]['authentication'],
    file: CertificateFile,
  ): Client =>
    createClient({
      issuer: addresses.issuer,
      clientId,
      authentication,
      certificate: { certFile: file.cert, keyFile: file.key },
      ca,
    })
  const { orders, meter, report, kiosk } = folder.clients
  return {
    orders: open(cast.orders.clientId, 'tls_client_auth', orders),
    meter: open(cast.meter.clientId, 'self_signed_tls_client_auth', meter),
    report: open(
      cast.report.clientId,
      { method: 'private_key_jwt', key: report.certificate.keyPem, keyId: report.certificate.thumbprint },
      report,
    ),
    kiosk: open(cast.kiosk.clientId, 'none', kiosk),
    api: open(cast.api.clientId, 'tls_client_auth', folder.api),
  }
}

const methods: { readonly [Role in ClientRole]: string } = {
  orders: 'tls_client_auth',
  meter: 'self_signed_tls_client_auth',
  report: 'private_key_jwt',
  kiosk: 'none',
}

async function tokenStep(
  stage: Stage,
  client: Client,
  role: ClientRole,
  title: string,
): Promise<Step & { readonly token: string }> {
  const file = stage.folder.clients[role]
  const expected = `${stage.addresses.mtls}/token`
  const told = {
    title,
    term: methods[role],
    certificate: presented(file),
    request: `POST ${expected}  client_id=${cast[role].clientId}${role === 'report' ? ' client_assertion=…' : ''}`,
  }
  let given: AccessToken
  try {
    given = await client.token()
  } catch (error) {
    return { ...told, ...failed(error), token: '' }
  }
  const aliases = (await client.metadata())['mtls_endpoint_aliases'] as { readonly token_endpoint?: string } | undefined
  const bound = given.binding === 'bound' && given.thumbprint === file.certificate.thumbprint
  return {
    ...told,
    status: 200,
    answer: `a token, ${tokenEnd(given.value)}, for ${lifetimeOf(given)}: good only with the certificate ${shortThumbprint(confirmation(given.value))}`,
    token: given.value,
    fault: !bound
      ? 'the token should be bound to the certificate'
      : aliases?.token_endpoint !== expected
        ? `the metadata should send clients with a certificate to ${expected}`
        : undefined,
  }
}

async function ownerStep(stage: Stage, client: Client, token: string): Promise<Step> {
  const told = {
    title: `${cast.orders.clientId} calls the API with its token and its certificate`,
    certificate: presented(stage.folder.clients.orders),
    request: callOf(stage, token),
  }
  try {
    const answer = await client.fetch(apiUrl(stage))
    const body = await answer.text()
    return {
      ...told,
      status: answer.status,
      answer: body.trim(),
      fault: answer.status === 200 && body.includes(cast.orders.clientId) ? undefined : 'the owner should be let in',
    }
  } catch (error) {
    return { ...told, ...failed(error) }
  }
}

function thiefStep(stage: Stage, token: string): Promise<Step> {
  const { thief } = stage.folder
  return refusedByApi(stage, token, 'token_certificate_mismatch', thief, {
    title: 'A thief has copied that token; he has a certificate too, from the same CA',
    certificate: presented(thief),
    request: callOf(stage, token),
  })
}

function bareStep(stage: Stage, token: string): Promise<Step> {
  return refusedByApi(stage, token, 'token_certificate_missing', undefined, {
    title: 'The thief tries it without a certificate, as one would with any ordinary token',
    certificate: 'no certificate',
    request: callOf(stage, token),
  })
}

async function refusedByApi(
  stage: Stage,
  token: string,
  reason: Failure['reason'],
  file: CertificateFile | undefined,
  told: Pick<Step, 'title' | 'certificate' | 'request'>,
): Promise<Step> {
  const answer = await send(stage, apiUrl(stage), file, { headers: { authorization: `Bearer ${token}` } })
  const refusal = stage.lastRefusal()
  return {
    ...told,
    status: answer.status,
    answer: answer.challenge === undefined ? answer.body : `WWW-Authenticate: ${firstParameter(answer.challenge)}`,
    reason: refusal && `${refusal.reason}: ${failureText(refusal)}`,
    fault:
      answer.status === 401 &&
      answer.challenge?.includes('error="invalid_token"') === true &&
      refusal?.reason === reason
        ? undefined
        : `the API should refuse with 401, for the reason ${reason}`,
  }
}

async function impostorStep(
  stage: Stage,
  file: CertificateFile,
  reason: Failure['reason'],
  told: Pick<Step, 'title'>,
): Promise<Step> {
  const url = `${stage.addresses.mtls}/token`
  const answer = await send(stage, url, file, {
    form: { grant_type: 'client_credentials', client_id: cast.orders.clientId },
  })
  const error = errorOf(answer)
  const refusal = error.reference === undefined ? undefined : await refusalOf(stage, error.reference)
  return {
    ...told,
    certificate: presented(file),
    request: `POST ${url}  client_id=${cast.orders.clientId}`,
    status: answer.status,
    answer: `${error.code ?? ''}, reference ${error.reference ?? 'none'}`,
    reason: refusal && `${refusal.reason}: ${failureText(refusal)}`,
    reference: error.reference,
    fault:
      answer.status === 401 && error.code === 'invalid_client' && refusal?.reason === reason
        ? undefined
        : `the server should refuse with 401 invalid_client, for the reason ${reason}`,
  }
}

async function introspectionStep(stage: Stage, client: Client, token: string): Promise<Step> {
  const told = {
    title: 'The API asks; the answer names the one certificate that the token is good with',
    term: 'introspection',
    certificate: presented(stage.folder.api),
    request: `POST ${stage.addresses.mtls}/introspect  token=${tokenEnd(token)}`,
  }
  try {
    const { status, json } = await client.post('introspection_endpoint', { token })
    const answer = (typeof json === 'object' && json !== null ? json : {}) as {
      readonly active?: boolean
      readonly client_id?: string
      readonly cnf?: { readonly 'x5t#S256'?: string }
    }
    const thumbprint = answer.cnf?.['x5t#S256']
    return {
      ...told,
      status,
      answer: JSON.stringify({
        active: answer.active,
        client_id: answer.client_id,
        cnf: { 'x5t#S256': shortThumbprint(thumbprint ?? '') },
      }),
      fault:
        answer.active === true && thumbprint === stage.folder.clients.orders.certificate.thumbprint
          ? undefined
          : 'the token should be active, and bound to the certificate of its owner',
    }
  } catch (error) {
    return { ...told, ...failed(error) }
  }
}

/** Why the server refused, from its audit: what the operator sees under the reference that the client was told. */
async function refusalOf(stage: Stage, reference: string): Promise<Failure | undefined> {
  const event = await findAuditEvent(stage.folder.audit, reference)
  return event?.event === 'request_refused' ? event.failure : undefined
}

function send(
  stage: Stage,
  url: string,
  file: CertificateFile | undefined,
  rest: { readonly headers?: Record<string, string>; readonly form?: Record<string, string> },
): Promise<TlsAnswer> {
  return tlsRequest({
    url,
    ca: readFileSync(stage.folder.ca, 'utf8'),
    certificate: file && { cert: file.certificate.certificatePem, key: file.certificate.keyPem },
    ...rest,
  })
}

function failed(error: unknown): Pick<Step, 'status' | 'answer' | 'fault'> {
  const status = error instanceof ClientError ? error.facts['status'] : undefined
  const message = error instanceof Error ? error.message : String(error)
  return { status: typeof status === 'number' ? status : 0, answer: message, fault: 'this should succeed' }
}

function errorOf(answer: TlsAnswer): { readonly code: string | undefined; readonly reference: string | undefined } {
  try {
    const body = JSON.parse(answer.body) as { readonly error?: string; readonly error_description?: string }
    return { code: body.error, reference: /\(reference ([^)]+)\)/.exec(body.error_description ?? '')?.[1] }
  } catch {
    return { code: undefined, reference: undefined }
  }
}

function confirmation(token: string): string {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
    readonly cnf?: { readonly 'x5t#S256'?: string }
  }
  return claims.cnf?.['x5t#S256'] ?? 'none'
}

function presented(file: CertificateFile): string {
  return `certificate ${shortThumbprint(file.certificate.thumbprint)} (${file.description})`
}

function firstParameter(challenge: string): string {
  return /^Bearer\b.*?(error="[^"]*")/.exec(challenge)?.[1]?.replace(/^/, 'Bearer ') ?? challenge
}

function lifetimeOf(given: AccessToken): string {
  const seconds = given.expiresAt === undefined ? 0 : Math.round((given.expiresAt.getTime() - Date.now()) / 1000)
  return seconds >= 120 ? `${Math.round(seconds / 60)} minutes` : `${seconds} seconds`
}

function callOf(stage: Stage, token: string): string {
  return `GET ${apiUrl(stage)}  Authorization: Bearer ${tokenEnd(token)}`
}

/** A token as people tell it from another: all begin alike. */
function tokenEnd(token: string): string {
  return `…${token.slice(-8)}`
}

function apiUrl(stage: Stage): string {
  return `${stage.addresses.api}/hello`
}
