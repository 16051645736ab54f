import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import { before, test } from 'node:test'
import { createTestAuthority, listenOnLoopback } from '@holdfast/testkit'
import { startPeopleSite, untilTheEnd, verifier } from './people-site.ts'
import type { PeopleSite } from './people-site.ts'
import { claimsOf } from './test-server.ts'
import type { TestServer } from './test-server.ts'

const end = untilTheEnd()
let relying: RelyingParty
let site: PeopleSite
let server: TestServer

before(async () => {
  relying = await startRelyingParty()
  site = await startPeopleSite(end, {
    client: { backchannel_logout_uri: `https://localhost:${relying.port}/logout` },
    more: { limits: { 'jwks-uri-private-addresses': ['127.0.0.1', '::1'] } },
    options: { jwksUriCa: relying.ca },
  })
  server = site.server
})
test('a client is told of the end of a login until it has heard, by a token that says which', async () => {
  const { browser, page } = await site.loggedIn()
  const done = await browser.press(page, 'allow')
  const certificate = server.authority.issue({ san: { dns: ['shop.test'] } })
  const form = {
    grant_type: 'authorization_code',
    client_id: 'shop',
    code: done.elsewhere?.searchParams.get('code') ?? '',
    redirect_uri: 'https://shop.test/cb',
    code_verifier: verifier,
  }
  const tokens = await server.post('/token', form, { certificate })
  const idToken = claimsOf(tokens.json['id_token'])
  assert.equal(typeof idToken['sid'], 'string')

  relying.answer = 503
  const first = relying.told(({ sid }) => sid === idToken['sid'])
  const hint = await browser.open(`/logout?id_token_hint=${String(tokens.json['id_token'])}`)
  assert.match(hint.text, /You are logged out/, 'the ID token of this very login: nothing is asked')
  assert.match(hint.text, /are being told/)
  const refused = await first
  relying.answer = 200
  const second = relying.told(({ sid }) => sid === idToken['sid'])
  site.clock.advance(60)
  // The next login ends, too, and what is due goes out with it.
  const again = await site.loggedIn()
  await again.browser.press(again.page, 'allow')
  const other = await again.browser.open('/logout')
  await again.browser.press(other, 'submit')
  const heard = await second
  assert.equal(heard['jti'], refused['jti'], 'the same message once more')
  assert.equal(heard['sid'], idToken['sid'])
  assert.equal(heard['aud'], 'shop')
  assert.equal(heard['iss'], 'https://as.test')
  assert.deepEqual(heard['events'], { 'http://schemas.openid.net/event/backchannel-logout': {} })
  assert.equal(heard['nonce'], undefined)
  const refreshed = await server.post(
    '/token',
    { grant_type: 'refresh_token', client_id: 'shop', refresh_token: tokens.json['refresh_token'] as string },
    { certificate },
  )
  assert.equal(refreshed.json['error'], 'invalid_grant', 'what was allowed in the login has ended with it')
})

type Claims = Readonly<Record<string, unknown>>

interface RelyingParty {
  readonly port: number
  readonly ca: string
  answer: number
  /** The claims of the next logout token that fits. */
  told(fits: (claims: Claims) => boolean): Promise<Claims>
}

async function startRelyingParty(): Promise<RelyingParty> {
  const authority = createTestAuthority()
  const identity = authority.issueServer(['localhost'])
  let waiting: { readonly fits: (claims: Claims) => boolean; readonly resolve: (claims: Claims) => void }[] = []
  const party: RelyingParty = {
    port: 0,
    ca: authority.rootPem,
    answer: 200,
    told: (fits) => new Promise((resolve) => waiting.push({ fits, resolve })),
  }
  const listening = createServer({ cert: identity.chainPem, key: identity.keyPem }, (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      response.writeHead(party.answer).end()
      const claims = claimsOf(new URLSearchParams(body).get('logout_token'))
      for (const { fits, resolve } of waiting) if (fits(claims)) resolve(claims)
      waiting = waiting.filter(({ fits }) => !fits(claims))
    })
  })
  const port = await listenOnLoopback(end, listening)
  return Object.assign(party, { port })
}
