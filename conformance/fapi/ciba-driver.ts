import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createTestAuthority } from '@holdfast/testkit'
import type { TestAnswer } from '../../packages/server/conformance/test-server.ts'
import {
  type Changes,
  type FapiClient,
  type FapiVariant,
  type ShownBy,
  signed,
  type SigningOptions,
} from './fapi-client.ts'
import { checkTokens, type FapiDriver, startFapi } from './fapi-driver.ts'

/** How clients learn that there is a decision. */
export type CibaDelivery = 'poll' | 'ping'

export interface CibaPing {
  readonly path: string
  readonly authorization: string | undefined
  readonly contentType: string | undefined
  readonly body: string
}

export interface CibaDriver extends FapiDriver {
  readonly delivery: CibaDelivery
  /** What came to the notification endpoint of the clients, which answers as `answerPings` said last. */
  readonly pings: readonly CibaPing[]
  answerPings(status: number, location?: string, body?: string): void
  /** The next ping that has not been taken yet. */
  ping(): Promise<CibaPing>
  /** A signed request for Ada's approval. */
  ask(client: FapiClient, changes?: Changes, options?: SigningOptions & ShownBy): Promise<TestAnswer>
  /** The same, which must be taken. */
  asked(client: FapiClient, changes?: Changes): Promise<string>
  /** Ada decides what is told by this message. */
  decide(message: string, decision: 'allow' | 'deny'): Promise<void>
  poll(client: FapiClient, authReqId: string, shown?: ShownBy): Promise<TestAnswer>
  /** Ada's approval, and what is collected after it. */
  collected(client: FapiClient, changes?: Changes, message?: string): Promise<Readonly<Record<string, unknown>>>
}

export const notificationToken = 'n'.repeat(32)

/** Starts a server for FAPI-CIBA, and where its clients are told. */
export async function startCiba(
  t: { after(cleanUp: () => unknown): void },
  clientAuth: FapiVariant['clientAuth'],
  delivery: CibaDelivery,
): Promise<CibaDriver> {
  const pings: CibaPing[] = []
  let taken = 0
  let arrived: (() => void) | undefined
  let how: readonly [status: number, location: string | undefined, body: string] = [204, undefined, '']
  const clientSide = createTestAuthority()
  const identity = clientSide.issueServer(['localhost'])
  const listener = createServer({ cert: identity.chainPem, key: identity.keyPem }, (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { authorization, 'content-type': contentType } = request.headers
      pings.push({ path: request.url ?? '', authorization, contentType, body })
      const [status, location, text] = how
      response.writeHead(status, location === undefined ? {} : { location }).end(text)
      arrived?.()
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.after(() => listener.close())
  const { port } = listener.address() as AddressInfo
  const endpoint = `https://localhost:${port}/told`
  const fapi = await startFapi(
    t,
    {
      profile: 'fapi1-advanced',
      clientAuth,
      senderConstrain: 'mtls',
      profileOf: 'server',
      requests: 'signed_pushed',
      parameters: { response_type: 'code id_token' },
      registered: {
        grant_types: ['authorization_code', 'refresh_token', cibaGrant],
        backchannel_token_delivery_mode: delivery,
        ...(delivery === 'ping' ? { backchannel_client_notification_endpoint: endpoint } : {}),
      },
    },
    {
      more: { limits: { 'jwks-uri-private-addresses': ['127.0.0.1'] }, tokens: { 'poll-interval': '1s' } },
      start: { jwksUriCa: clientSide.rootPem },
    },
  )
  await fapi.through(await fapi.browser.open('/account'))
  const driver: CibaDriver = {
    ...fapi,
    delivery,
    pings,
    answerPings: (status, location, body = '') => void (how = [status, location, body]),
    ping: async () => {
      while (pings.length === taken) await new Promise<void>((resolve) => (arrived = resolve))
      const ping = pings[taken++]
      assert.ok(ping)
      return ping
    },
    ask: (client, changes = {}, { header = {}, key = client.key, ...shown } = {}) => {
      const now = fapi.now()
      const claims = {
        iss: client.id,
        aud: 'https://as.test',
        iat: now,
        nbf: now,
        exp: now + 300,
        jti: randomUUID(),
        scope: 'openid orders:read',
        login_hint: 'ada',
        ...(delivery === 'ping' ? { client_notification_token: notificationToken } : {}),
      }
      const request = signed({ alg: 'ES256', kid: client.kid, ...header }, { ...claims, ...changes }, key)
      return fapi.post('/bc-authorize', client, { request }, shown)
    },
    asked: async (client, changes = {}) => {
      const answer = await driver.ask(client, changes)
      assert.equal(answer.status, 200, answer.text)
      const { auth_req_id, expires_in, interval } = answer.json
      assert.match(String(auth_req_id), /^[\w.-]{22,}$/)
      assert.ok(Number.isSafeInteger(expires_in) && Number(expires_in) > 0)
      assert.ok(Number.isSafeInteger(interval) && Number(interval) > 0)
      return String(auth_req_id)
    },
    decide: async (message, decision) => {
      const page = await fapi.browser.open('/approve')
      assert.ok(page.text.includes(message), page.text)
      const number = page.text.slice(0, page.text.indexOf(message)).match(/ id="waiting-\d+"/g)?.length
      await fapi.browser.press(page, `${decision}-${String(number)}`)
    },
    poll: (client, auth_req_id, shown) =>
      fapi.post('/token', client, { grant_type: cibaGrant, auth_req_id }, shown ?? {}),
    collected: async (client, changes = {}, message = randomUUID().slice(0, 8)) => {
      const authReqId = await driver.asked(client, { binding_message: message, ...changes })
      const pending = await driver.poll(client, authReqId)
      assert.ok(['authorization_pending', 'slow_down'].includes(String(pending.json['error'])), pending.text)
      await driver.decide(message, 'allow')
      if (delivery === 'ping') checkPing(await driver.ping(), authReqId)
      else fapi.advance(10)
      const tokens = await driver.poll(client, authReqId)
      assert.equal(tokens.status, 200, tokens.text)
      await checkTokens(fapi.server, client, tokens.json)
      return tokens.json
    },
  }
  return driver
}

/** OpenID CIBA §10.2. */
export function checkPing(ping: CibaPing, authReqId: string): void {
  assert.equal(ping.authorization, `Bearer ${notificationToken}`)
  assert.match(ping.contentType ?? '', /^application\/json(;|$)/)
  assert.deepEqual(JSON.parse(ping.body), { auth_req_id: authReqId })
  assert.equal(ping.path, '/told')
}

const cibaGrant = 'urn:openid:params:grant-type:ciba'
