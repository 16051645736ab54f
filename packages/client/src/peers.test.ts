import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, beforeEach, test } from 'node:test'
import type { TLSSocket } from 'node:tls'

import { createTestAuthority } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'

import { ClientError, createClient } from './index.ts'
import type { Client, ClientOptions } from './index.ts'

export const authority = createTestAuthority()
export const ours = authority.issue({ commonName: 'ours' })
export const renewed = authority.issue({ commonName: 'renewed' })

export interface Seen {
  readonly host: string
  readonly path: string
  readonly thumbprint: string | undefined
  readonly authorization: string | undefined
  readonly body: string
}
type Answer = { status?: number; headers?: Record<string, string>; json?: unknown; text?: string } | 'hang'

let people: Server
let mtls: Server
let api: Server
export let issuer: string
export let mtlsOrigin: string
export let apiOrigin: string
/** What the peers are to say, and what they have seen: anew for each test. */
export const peer: {
  seen: Seen[]
  metadata: Record<string, unknown>
  /** Where only the OpenID address answers. */
  openidMetadata: Record<string, unknown> | undefined
  answerToken: (request: Seen, count: number) => Answer | Promise<Answer>
  answerApi: (request: Seen, count: number) => Answer
} = { seen: [], metadata: {}, openidMetadata: undefined, answerToken: () => 'hang', answerApi: () => 'hang' }
export const clients: Client[] = []

before(async () => {
  const { keyPem: key, chainPem: cert } = authority.issueServer(['localhost', 'mtls.localhost', 'api.localhost'])
  const requesting = { requestCert: true, rejectUnauthorized: false }
  people = createServer({ key, cert }, (request, response) => void onPeople(request, response))
  mtls = createServer({ key, cert, ...requesting }, (request, response) => void onToken(request, response))
  api = createServer({ key, cert, ...requesting }, (request, response) => void onApi(request, response))
  for (const server of [people, mtls, api]) await once(server.listen(0, '127.0.0.1'), 'listening')
  issuer = `https://localhost:${portOf(people)}`
  mtlsOrigin = `https://mtls.localhost:${portOf(mtls)}`
  apiOrigin = `https://api.localhost:${portOf(api)}`
})

after(async () => {
  await Promise.all(clients.map((client) => client.close()))
  for (const server of [people, mtls, api]) {
    server.close()
    server.closeAllConnections()
  }
})

beforeEach(() => {
  peer.seen = []
  peer.metadata = {
    issuer,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke`,
    mtls_endpoint_aliases: { token_endpoint: `${mtlsOrigin}/token`, userinfo_endpoint: 'not a url at all' },
  }
  peer.answerToken = (request, count) => ({ json: issued(request, { jti: String(count) }) })
  peer.answerApi = (request) => {
    const bound = claimsOf(request.authorization)['cnf'] as Record<string, unknown> | undefined
    if (bound?.['x5t#S256'] === request.thumbprint) return { json: { hello: 'rightful holder' } }
    return { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }
  }
})

async function onPeople(request: IncomingMessage, answer: ServerResponse): Promise<void> {
  if (request.url?.startsWith('/token') || request.url?.startsWith('/revoke')) return onToken(request, answer)
  await record(request)
  const isOpenid = request.url === '/.well-known/openid-configuration'
  if (peer.openidMetadata !== undefined && !isOpenid) return reply(answer, { status: 404, text: 'none' })
  reply(answer, { json: peer.openidMetadata ?? peer.metadata })
}

async function onToken(request: IncomingMessage, answer: ServerResponse): Promise<void> {
  const recorded = await record(request)
  if (recorded.path === '/revoke') return reply(answer, { json: {} })
  const count = tokenRequests().length
  reply(answer, await peer.answerToken(recorded, count))
}

async function onApi(request: IncomingMessage, answer: ServerResponse): Promise<void> {
  const recorded = await record(request)
  reply(answer, peer.answerApi(recorded, peer.seen.filter(({ path }) => path === recorded.path).length))
}

async function record(request: IncomingMessage): Promise<Seen> {
  const certificate = (request.socket as TLSSocket).getPeerX509Certificate()
  const recorded = {
    host: request.headers.host ?? '',
    path: request.url ?? '',
    thumbprint: certificate && createHash('sha256').update(certificate.raw).digest('base64url'),
    authorization: request.headers.authorization,
    body: await text(request),
  }
  peer.seen.push(recorded)
  return recorded
}

function reply(response: ServerResponse, answer: Answer): void {
  if (answer === 'hang') return
  const body = answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json))
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers }).end(body)
}

export function tokenRequests(): Seen[] {
  return peer.seen.filter(({ path }) => path === '/token')
}

export function connect(
  options: { [Name in keyof ClientOptions]?: ClientOptions[Name] | undefined } = {},
  now?: () => number,
): Client {
  const usual = {
    issuer,
    clientId: 'acme',
    authentication: 'tls_client_auth' as const,
    certificate: { cert: ours.chainPem, key: ours.keyPem },
    ca: authority.rootPem,
  }
  const chosen = Object.entries({ ...usual, ...options }).filter(([, value]) => value !== undefined)
  const client = createClient(Object.fromEntries(chosen) as unknown as ClientOptions, now)
  clients.push(client)
  return client
}

export async function certificateFiles(directory: string) {
  const files = { certFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') }
  let time = 1_800_000_000_000
  const put = async ({ chainPem, keyPem }: Pick<TestCertificate, 'chainPem' | 'keyPem'>): Promise<void> => {
    for (const [path, content] of [
      [files.certFile, chainPem],
      [files.keyFile, keyPem],
    ] as const) {
      await writeFile(`${path}.new`, content)
      await rename(`${path}.new`, path)
    }
  }
  await put(ours)
  return { files, put, now: () => time, tick: () => void (time += 1000) }
}

export function issued(request: Seen, claims: Record<string, unknown> = {}, lifetime = 300) {
  return response(jwt({ cnf: { 'x5t#S256': request.thumbprint }, ...claims }), lifetime)
}

export function response(accessToken: string, lifetime = 300) {
  return { access_token: accessToken, token_type: 'Bearer', expires_in: lifetime }
}

// The client does not look at the signature: it has the token from the authorization server itself.
export function jwt(claims: Record<string, unknown>): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'ES256', typ: 'at+jwt' })}.${part(claims)}.${Buffer.alloc(64, 1).toString('base64url')}`
}

function claimsOf(authorization: string | undefined): Record<string, unknown> {
  return decoded(authorization?.slice('Bearer '.length).split('.')[1] ?? 'e30')
}

export function decoded(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
}

export async function assertRejects(
  promise: Promise<unknown>,
  code: ClientError['code'],
  facts: Record<string, unknown> = {},
): Promise<void> {
  await assert.rejects(promise, (error) => {
    assertCode(error, code, facts)
    return true
  })
}

export function assertCode(error: unknown, code: ClientError['code'], facts: Record<string, unknown>): void {
  assert.ok(error instanceof ClientError, String(error))
  assert.equal(error.code, code)
  for (const [name, value] of Object.entries(facts)) assert.deepEqual(error.facts[name], value, name)
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

test('the peers have names of their own, and remember what they were asked', async () => {
  await connect().token()
  assert.equal(new Set([issuer, mtlsOrigin, apiOrigin]).size, 3)
  assert.equal(tokenRequests().length, 1)
})
