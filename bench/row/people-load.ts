import { createHash } from 'node:crypto'
import { type BenchFixture, type FixtureClient, benchNames } from '../fixture/bench-fixture.ts'
import { type Address, type Conversation, type LoadPlan, type ResponseSample } from '../load/load-plan.ts'
import { type Browser } from '../measure/browse.ts'
import { type BenchOptions } from './bench-row.ts'
import { type ProbeAnswer, probe } from './probe.ts'

/** What is asked again and again: the whole flow from a person who is logged in, or a new token for a refresh token. */
export type PeopleFlow = 'code' | 'refresh'

/** A server with a person, as its rows see it. */
export interface PeopleSite {
  readonly main: Address
  readonly mtls: Address
  readonly authorizationPath: string
  readonly headers: Readonly<Record<string, string>>
  /** A browser in which the person is logged in, and has allowed this client what it asks for. */
  readonly loggedIn: (clientId: string) => Promise<Browser>
}

/** 32 persons' browsers and as many clients, each with its own certificate behind nginx's header. */
export async function peoplePlan(
  options: BenchOptions,
  flow: PeopleFlow,
  site: PeopleSite,
): Promise<Omit<LoadPlan, 'addresses' | 'processes'>> {
  const { fixture, warmMilliseconds, measureMilliseconds } = options
  const conversations: Conversation[] = []
  for (const client of fixture.clients.slice(0, connections)) {
    const browser = await site.loggedIn(client.clientId)
    conversations.push(flow === 'code' ? codeFlow(client, browser, site) : await refresh(client, browser, site))
  }
  return {
    warmMilliseconds,
    measureMilliseconds,
    mode: 'conversation',
    connections,
    clients: [],
    conversations,
    polling: 'busy',
    expectedStatus: 200,
  }
}

/** Throws unless a code is good once, for nobody's certificate but its client's. */
export async function proveCodes({ clients, stranger }: BenchFixture, site: PeopleSite): Promise<void> {
  const [client] = clients
  if (client === undefined) throw new Error('the fixture has clients')
  const code = await codeOf(await site.loggedIn(client.clientId), client.clientId, site)
  const tries = [
    { certificate: stranger, status: 401 },
    { certificate: client, status: 200 },
    { certificate: client, status: 400 },
  ]
  for (const { certificate, status } of tries) {
    const answer = await redeem(client.clientId, certificate, code, site)
    if (answer.status !== status) throw new Error(`${answer.status} instead of ${status} for a code: ${answer.body}`)
  }
}

/** Throws unless every answer has an ID token for the person, and a refresh token of the length of a secret. */
export function provePeople(samples: readonly ResponseSample[], flow: PeopleFlow): void {
  for (const { client, body } of samples) {
    const answer = JSON.parse(body) as Readonly<Record<'id_token' | 'refresh_token', string | undefined>>
    const claims = JSON.parse(Buffer.from(answer.id_token?.split('.')[1] ?? '', 'base64url').toString()) as {
      readonly sub?: string
      readonly aud?: string | readonly string[]
    }
    const audience = [claims.aud].flat()
    if (claims.sub !== benchNames.subject || !audience.includes(`client-${client}`))
      throw new Error(`no ID token for the person: ${body}`)
    if (flow === 'code' && (answer.refresh_token ?? '').length < shortestSecret)
      throw new Error(`no refresh token: ${body}`)
  }
}

function codeFlow(client: FixtureClient, browser: Browser, site: PeopleSite): Conversation {
  const head = `GET ${authorizationPath(client.clientId, site)} HTTP/1.1\r\nHost: ${benchNames.mainHost}\r\nCookie: ${browser.cookies()}\r\n`
  return {
    taken: '',
    steps: [
      { address: 0, head: head + headText(site), body: '', status: 303, take: '[?&]code=([^&\\s]+)' },
      { address: 1, ...tokenRequest(client, codeForm(client.clientId, '{taken}'), site), status: 200 },
    ],
  }
}

async function refresh(client: FixtureClient, browser: Browser, site: PeopleSite): Promise<Conversation> {
  const code = await codeOf(browser, client.clientId, site)
  const { body } = await redeem(client.clientId, client, code, site)
  const taken = (JSON.parse(body) as { readonly refresh_token?: string }).refresh_token
  if (taken === undefined) throw new Error(`no refresh token: ${body}`)
  const form = `grant_type=refresh_token&client_id=${client.clientId}&${resource}&refresh_token={taken}`
  const take = '"refresh_token":"([^"]+)"'
  return { taken, steps: [{ address: 1, ...tokenRequest(client, form, site), status: 200, take }] }
}

async function codeOf(browser: Browser, clientId: string, site: PeopleSite): Promise<string> {
  const { elsewhere, body } = await browser.open(authorizationPath(clientId, site))
  const code = elsewhere?.searchParams.get('code')
  if (code === undefined || code === null) throw new Error(`no code but ${elsewhere?.href ?? body}`)
  return code
}

function redeem(clientId: string, { escapedPem }: FixtureClient, code: string, site: PeopleSite): Promise<ProbeAnswer> {
  const body = codeForm(clientId, code)
  return probe(site.mtls, {
    method: 'POST',
    path: '/token',
    host: benchNames.mtlsHost,
    headers: {
      ...site.headers,
      'x-ssl-cert': escapedPem,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
    },
    body,
  })
}

/** Where a client sends the browser. */
export function authorizationPath(clientId: string, site: Pick<PeopleSite, 'authorizationPath'>): string {
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: benchNames.redirectUri,
    scope: `openid ${benchNames.scope}`,
    resource: benchNames.audience,
    state: 'af0ifjsldkj',
    nonce: 'n-0S6_WzA2Mj',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  return `${site.authorizationPath}?${parameters.toString()}`
}

function codeForm(clientId: string, code: string): string {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: benchNames.redirectUri,
    code_verifier: verifier,
    resource: benchNames.audience,
  })
  return `${form.toString()}&code=${code}`
}

function tokenRequest(
  { escapedPem }: FixtureClient,
  body: string,
  site: PeopleSite,
): { readonly head: string; readonly body: string } {
  const head =
    `POST /token HTTP/1.1\r\nHost: ${benchNames.mtlsHost}\r\nAccept: application/json\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\nX-SSL-CERT: ${escapedPem}\r\n`
  return { head: head + headText(site), body }
}

function headText({ headers }: PeopleSite): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}

const connections = 32
const resource = new URLSearchParams({ resource: benchNames.audience }).toString()
const verifier = 'v'.repeat(43)
/** 128 bits in base64url. */
const shortestSecret = 22
