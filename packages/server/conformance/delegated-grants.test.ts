import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { clientSecretHash } from '@holdfast/server'
import { createSelfSignedCertificate, createTestAuthority } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import { createFormBrowser } from './form-browser.ts'
import type { BrowserPage, FormBrowser } from './form-browser.ts'
import { claimsOf, startTestServer } from './test-server.ts'
import type { TestAnswer, TestServer } from './test-server.ts'

const password = 'correct horse battery staple'
const verifier = 'v'.repeat(43)
const secret = 'a secret of the web shop'
const device = 'urn:ietf:params:oauth:grant-type:device_code'
const ciba = 'urn:openid:params:grant-type:ciba'
const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const telephone = createSelfSignedCertificate({ commonName: 'telephone' })
const cleanUps: (() => unknown)[] = []
const pings: { readonly authorization: string | undefined; readonly body: string }[] = []

let server: TestServer
let browser: FormBrowser
let bank: TestCertificate
let api: TestCertificate
let pinged: Promise<void>

before(async () => {
  const password_hash = await clientSecretHash(password)
  const clientSide = createTestAuthority()
  const identity = clientSide.issueServer(['localhost'])
  let told: () => void
  pinged = new Promise((resolve) => (told = resolve))
  const listener = createServer({ cert: identity.chainPem, key: identity.keyPem }, (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      pings.push({ authorization: request.headers['authorization'], body })
      response.writeHead(204).end()
      told()
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => listener.close())
  const { port } = listener.address() as AddressInfo
  const people = { grant_types: ['authorization_code', 'refresh_token'], scope: 'openid profile email orders:read' }
  server = await startTestServer(
    { after: (cleanUp: () => unknown) => cleanUps.push(cleanUp) },
    {
      clients: [
        {
          ...people,
          client_id: 'bank',
          client_name: 'The Bank',
          token_endpoint_auth_method: 'tls_client_auth',
          tls_client_auth_san_dns: 'bank.test',
          trust: 'partners',
          redirect_uris: ['https://bank.test/cb'],
          grant_types: ['authorization_code', 'refresh_token', device, ciba, exchange, 'client_credentials'],
          backchannel_token_delivery_mode: 'ping',
          backchannel_client_notification_endpoint: `https://localhost:${port}/told`,
        },
        {
          ...people,
          client_id: 'web',
          token_endpoint_auth_method: 'client_secret_post',
          client_secret: secret,
          redirect_uris: ['https://web.test/cb'],
          dpop_bound_access_tokens: true,
          access_token_format: 'opaque',
          userinfo_signed_response_alg: 'ES256',
        },
        {
          ...people,
          client_id: 'telephone',
          token_endpoint_auth_method: 'none',
          redirect_uris: ['https://telephone.test/cb'],
          tls_client_certificate_bound_access_tokens: true,
        },
        {
          client_id: 'api',
          token_endpoint_auth_method: 'tls_client_auth',
          tls_client_auth_san_dns: 'api.test',
          trust: 'partners',
          grant_types: [exchange],
          scope: 'orders:read',
          resource: ['https://stock.test'],
          introspection_audience: ['https://as.test'],
        },
        {
          client_id: 'old',
          token_endpoint_auth_method: 'client_secret_post',
          client_secret: secret,
          grant_types: ['client_credentials'],
          binding: 'off',
          report_only: 'certificate_bound',
        },
      ],
      more: {
        people: {
          users: [
            { subject: 'u1', username: 'Ada', password_hash, claims: { name: 'Ada L.', email: 'ada@example.com' } },
          ],
        },
        limits: { 'jwks-uri-private-addresses': ['127.0.0.1'] },
      },
    },
    { jwksUriCa: clientSide.rootPem },
  )
  bank = server.authority.issue({ san: { dns: ['bank.test'] } })
  api = server.authority.issue({ san: { dns: ['api.test'] } })
  browser = createFormBrowser(server)
  const login = await browser.open('/account')
  await browser.press(login, 'submit', { username: 'ada', password })
})
after(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

/** Ada allows what the client asks for; answers the code. */
async function code(client: string, scope = 'openid profile orders:read'): Promise<string> {
  const asked = new URLSearchParams({
    response_type: 'code',
    client_id: client,
    redirect_uri: `https://${client}.test/cb`,
    scope,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const page: BrowserPage = await browser.open(`/authorize?${asked.toString()}`)
  const done = page.elsewhere === undefined ? await browser.press(page, 'allow') : page
  return done.elsewhere?.searchParams.get('code') ?? ''
}

const redemption = async (client: string, scope?: string): Promise<Readonly<Record<string, string>>> => ({
  grant_type: 'authorization_code',
  client_id: client,
  code: await code(client, scope),
  redirect_uri: `https://${client}.test/cb`,
  code_verifier: verifier,
})
const userinfo = (token: unknown, more: object = {}): Promise<TestAnswer> =>
  server.send({
    path: '/userinfo',
    host: 'mtls.as.test',
    headers: { authorization: `Bearer ${String(token)}` },
    ...more,
  })

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
function proof(
  htm: string,
  htu: string,
  token?: string,
  by: { publicKey: KeyObject; privateKey: KeyObject } = key,
): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') }
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: by.publicKey.export({ format: 'jwk' }) }
  const claims = { jti: randomUUID(), htm, htu, iat: Math.floor(Date.now() / 1000), ...ath }
  const input = `${part(header)}.${part(claims)}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: by.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

describe('a person logs in at the main host, the client collects over the certificate host', () => {
  test('RFC6749-A15 code, userinfo, refresh, introspection and revocation, all bound', async () => {
    const form = await redemption('bank', 'openid profile')
    const answer = await server.post('/token', form, { certificate: bank })
    assert.equal(answer.status, 200, answer.text)
    const { access_token, refresh_token } = answer.json
    assert.deepEqual(claimsOf(access_token)['cnf'], { 'x5t#S256': bank.thumbprint })
    assert.deepEqual((await userinfo(access_token, { certificate: bank })).json, {
      sub: 'u1',
      name: 'Ada L.',
      preferred_username: 'Ada',
    })
    assert.equal((await userinfo(access_token)).status, 401)
    assert.equal((await userinfo(access_token, { certificate: api })).status, 401)

    const refresh = { grant_type: 'refresh_token', client_id: 'bank', refresh_token: String(refresh_token) }
    const renewed = server.authority.issue({ san: { dns: ['bank.test'] } })
    const again = await server.post('/token', refresh, { certificate: renewed })
    assert.deepEqual(claimsOf(again.json['access_token'])['cnf'], { 'x5t#S256': renewed.thumbprint })
    assert.equal((await server.post('/token', refresh)).status, 401)

    const token = { client_id: 'bank', token: String(refresh_token) }
    assert.equal((await server.post('/introspect', token, { certificate: bank })).json['sub'], 'u1')
    assert.equal((await server.post('/revoke', token, { certificate: bank })).status, 200)
    assert.equal((await userinfo(access_token, { certificate: bank })).status, 401)
    assert.equal((await server.post('/token', refresh, { certificate: bank })).json['error'], 'invalid_grant')
  })

  test('RFC6749-A11 of twenty redemptions at once one succeeds, and what it earned is dead', async () => {
    const form = await redemption('bank')
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => server.post('/token', form, { certificate: bank })),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    const won = answers.find(({ status }) => status === 200)
    assert.equal((await userinfo(won?.json['access_token'], { certificate: bank })).status, 401)
  })

  test('RFC8705-M20 a public client with a certificate of its own: tokens and refresh tokens are bound to it', async () => {
    const first = await server.post('/token', await redemption('telephone'), { certificate: telephone })
    const refresh = {
      grant_type: 'refresh_token',
      client_id: 'telephone',
      refresh_token: String(first.json['refresh_token']),
    }
    assert.equal((await server.post('/token', refresh, { certificate: bank })).json['error'], 'invalid_grant')
    const next = await server.post('/token', refresh, { certificate: telephone })
    assert.notEqual(next.json['refresh_token'], refresh.refresh_token)
    assert.deepEqual(claimsOf(next.json['access_token'])['cnf'], { 'x5t#S256': telephone.thumbprint })
  })
})

describe('DPoP over real handshakes', () => {
  test('RFC9449-D23 at the main host: an opaque token bound to the key, and signed userinfo by it', async () => {
    const form = { ...(await redemption('web')), client_secret: secret }
    const missing = await server.post('/token', form)
    assert.deepEqual([missing.status, missing.json['error']], [400, 'invalid_dpop_proof'])
    const alias = { headers: { dpop: proof('POST', 'https://mtls.as.test/token') } }
    assert.equal((await server.post('/token', form, alias)).json['error'], 'invalid_dpop_proof')
    const answer = await server.post('/token', form, { headers: { dpop: proof('POST', 'https://as.test/token') } })
    assert.equal(answer.json['token_type'], 'DPoP', answer.text)
    const token = String(answer.json['access_token'])
    const dpop = proof('GET', 'https://as.test/userinfo', token)
    const byProof = { host: 'as.test', headers: { authorization: `DPoP ${token}`, dpop } }
    const told = await userinfo('', byProof)
    assert.equal(told.headers['content-type'], 'application/jwt', told.text)
    assert.deepEqual([claimsOf(told.text)['sub'], claimsOf(told.text)['aud']], ['u1', 'web'])
    const replayed = await userinfo('', byProof)
    assert.deepEqual([replayed.status, replayed.json['error']], [401, 'invalid_dpop_proof'])
    assert.match(String(replayed.headers['www-authenticate']), /^DPoP error="invalid_dpop_proof"/)
    assert.equal((await userinfo(token, { host: 'as.test' })).status, 401)
  })

  test('RFC9449-D20 at the alias: the certificate authenticates, the key binds', async () => {
    const dpop = proof('POST', 'https://mtls.as.test/token')
    const form = { grant_type: 'client_credentials', client_id: 'bank' }
    const answer = await server.post('/token', form, { certificate: bank, headers: { dpop } })
    assert.equal(answer.json['token_type'], 'DPoP', answer.text)
    assert.deepEqual(Object.keys(claimsOf(answer.json['access_token'])['cnf'] as object), ['jkt'])
    const two = { certificate: bank, headers: { dpop: [proof('POST', 'https://mtls.as.test/token'), dpop] } }
    assert.equal((await server.post('/token', form, two)).json['error'], 'invalid_dpop_proof')
  })
})

describe('decided elsewhere', () => {
  test('RFC8628-V14 a device shows a code, Ada enters it, the device gets her tokens', async () => {
    const asked = await server.post(
      '/device_authorization',
      { client_id: 'bank', scope: 'openid' },
      { certificate: bank },
    )
    assert.equal(asked.status, 200, asked.text)
    const { device_code, user_code, verification_uri } = asked.json
    assert.equal(verification_uri, 'https://as.test/device')
    const poll = { grant_type: device, client_id: 'bank', device_code: String(device_code) }
    assert.equal((await server.post('/token', poll, { certificate: bank })).json['error'], 'authorization_pending')
    const page = await browser.open('/device')
    const confirm = await browser.press(page, 'submit', { user_code: String(user_code).toLowerCase() })
    assert.match((await browser.press(confirm, 'allow')).text, /id="allowed"/)
    const answer = await server.post('/token', poll, { certificate: bank })
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual(claimsOf(answer.json['access_token'])['cnf'], { 'x5t#S256': bank.thumbprint })
    assert.equal(claimsOf(answer.json['id_token'])['sub'], 'u1')
    assert.equal((await server.post('/token', poll, { certificate: bank })).json['error'], 'invalid_grant')
  })

  test('CIBA: the bank names Ada, she approves, the bank is pinged and collects', async () => {
    const client_notification_token = 'n'.repeat(32)
    const form = {
      client_id: 'bank',
      scope: 'openid',
      login_hint: 'ADA',
      binding_message: 'W4SCT',
      client_notification_token,
    }
    const asked = await server.post('/bc-authorize', form, { certificate: bank })
    assert.equal(asked.status, 200, asked.text)
    const page = await browser.open('/approve')
    assert.match(page.text, /W4SCT/)
    await browser.press(page, 'allow-1')
    await pinged
    const { auth_req_id } = asked.json
    assert.deepEqual(pings, [
      { authorization: `Bearer ${client_notification_token}`, body: JSON.stringify({ auth_req_id }) },
    ])
    const poll = { grant_type: ciba, client_id: 'bank', auth_req_id: String(auth_req_id) }
    const answer = await server.post('/token', poll, { certificate: bank })
    assert.deepEqual([claimsOf(answer.json['access_token'])['sub'], answer.status], ['u1', 200], answer.text)
    const unknown = await server.post('/bc-authorize', { ...form, login_hint: 'nobody' }, { certificate: bank })
    assert.equal(unknown.json['error'], 'unknown_user_id')
  })
})

test('RFC8693-X10 the API exchanges what the bank sent it: bound to the API’s own certificate', async () => {
  const { access_token } = (await server.post('/token', await redemption('bank'), { certificate: bank })).json
  const form = {
    grant_type: exchange,
    client_id: 'api',
    subject_token: String(access_token),
    subject_token_type: accessTokenType,
  }
  const answer = await server.post('/token', form, { certificate: api })
  assert.equal(answer.status, 200, answer.text)
  const claims = claimsOf(answer.json['access_token'])
  assert.deepEqual(
    [claims['sub'], claims['act'], claims['aud'], claims['cnf']],
    ['u1', { sub: 'api' }, 'https://stock.test', { 'x5t#S256': api.thumbprint }],
  )
})

test('a rule that is only reported changes no answer, and says in the log who would have been left behind', async () => {
  const form = { grant_type: 'client_credentials', client_id: 'old', client_secret: secret }
  const answer = await server.post('/token', form)
  assert.equal(answer.status, 200)
  assert.equal(claimsOf(answer.json['access_token'])['cnf'], undefined)
  let line: string | undefined
  for (let attempt = 0; attempt < 200 && line === undefined; attempt++) {
    const log = await readFile(`${server.directory}/holdfast.log`, 'utf8')
    line = log.split('\n').find((text) => text.includes('"would_have_refused"'))
    if (line === undefined) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const told = JSON.parse(line ?? '{}') as { clientId?: string; failure?: { reason: string } }
  assert.deepEqual([told.clientId, told.failure?.reason], ['old', 'binding_certificate_missing'])
})

test('RFC9449-D54 RFC8628-V16 RFC9701-J14 the metadata announce what is there, with aliases for all of it', async () => {
  const { json } = await server.send({ path: '/.well-known/openid-configuration' })
  assert.equal(json['userinfo_endpoint'], 'https://as.test/userinfo')
  const aliases = json['mtls_endpoint_aliases'] as Readonly<Record<string, string>>
  assert.equal(aliases['userinfo_endpoint'], 'https://mtls.as.test/userinfo')
  assert.equal(aliases['device_authorization_endpoint'], 'https://mtls.as.test/device_authorization')
  assert.equal(aliases['backchannel_authentication_endpoint'], 'https://mtls.as.test/bc-authorize')
  assert.deepEqual(json['backchannel_token_delivery_modes_supported'], ['poll', 'ping'])
  assert.deepEqual(json['dpop_signing_alg_values_supported'], ['ES256', 'EdDSA', 'PS256', 'RS256'])
  assert.deepEqual(json['introspection_signing_alg_values_supported'], ['ES256'])
  assert.ok((json['grant_types_supported'] as string[]).includes(device))
})
