import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { loadConfiguration } from '@holdfast/server'
import { createTestAuthority, temporaryDirectory } from '@holdfast/testkit'
import { writeTestConfiguration } from '../../packages/server/conformance/test-server.ts'
import { startFapi } from './fapi-driver.ts'
import type { FapiDriver } from './fapi-driver.ts'

const authority = createTestAuthority()

describe('what FAPI demands and no module looks at', () => {
  const cleanUps: (() => unknown)[] = []
  let fapi: FapiDriver
  before(async () => {
    const parameters = { response_type: 'code' }
    fapi = await startFapi(
      { after: (cleanUp) => void cleanUps.push(cleanUp) },
      {
        profile: 'fapi2',
        clientAuth: 'tls_client_auth',
        senderConstrain: 'mtls',
        profileOf: 'server',
        requests: 'pushed',
        parameters,
      },
    )
  })
  after(async () => {
    for (const cleanUp of cleanUps) await cleanUp()
  })

  test('FAPI2-T3 RFC9700-R11 where browsers come there is HSTS, and no CORS at the authorization endpoint', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const headers = { origin: 'https://client-1.test', 'access-control-request-method': 'GET' }
      const answer = await fapi.server.send({ method, path: '/authorize?client_id=client-1', host: 'as.test', headers })
      assert.match(String(answer.headers['strict-transport-security']), /^max-age=[1-9]/)
      for (const name of Object.keys(answer.headers)) assert.ok(!name.startsWith('access-control-'), name)
    }
  })

  test('FAPI2-G2 RFC9700-R6 there is no password grant', async () => {
    const form = { grant_type: 'password', username: 'ada', password: 'correct horse battery staple' }
    const answer = await fapi.token(fapi.first, form)
    assert.equal(answer.json['error'], 'unsupported_grant_type')
  })

  test('RFC9700-R15 no other site can put our pages into a frame', async () => {
    const page = await fapi.server.send({ path: '/authorize?client_id=nobody', host: 'as.test' })
    assert.match(String(page.headers['content-security-policy']), /frame-ancestors 'none'/)
    assert.equal(String(page.headers['x-frame-options']).toUpperCase(), 'DENY')
  })

  test('FAPI2-S1 a token in the query or in the form is no token', async () => {
    const { tokens } = await fapi.flow(fapi.first)
    const token = String(tokens['access_token'])
    const { certificate } = fapi.first
    const query = { path: `/userinfo?access_token=${token}`, host: 'mtls.as.test', certificate }
    assert.equal((await fapi.server.send(query)).status, 401)
    assert.ok((await fapi.server.post('/userinfo', { access_token: token }, { certificate })).status >= 400)
    assert.equal((await fapi.userinfo(token, fapi.first)).status, 200)
  })
})

describe('what no server of FAPI starts with', () => {
  const usual = {
    client_id: 'acme',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'acme.test',
    trust: 'partners',
    grant_types: ['authorization_code'],
    redirect_uris: ['https://acme.test/cb'],
  }
  const refused: readonly (readonly [string, string, object, object])[] = [
    [
      'FAPI2-G2 a public client',
      'fapi2',
      { token_endpoint_auth_method: 'none', tls_client_auth_san_dns: undefined, trust: undefined },
      {},
    ],
    [
      'FAPI2-G4 a client secret',
      'fapi2',
      {
        token_endpoint_auth_method: 'client_secret_basic',
        client_secret: 'a long secret of it',
        tls_client_auth_san_dns: undefined,
        trust: undefined,
      },
      {},
    ],
    ['FAPI2-G3 a client with bearer tokens', 'fapi2', { binding: 'if_present' }, {}],
    [
      'FAPI2-G8 codes that live longer than a minute',
      'fapi2',
      {},
      { tokens: { 'authorization-code-lifetime': '61s' } },
    ],
    ['FAPI2-F8 pushed requests that live ten minutes', 'fapi2', {}, { tokens: { 'pushed-request-lifetime': '600s' } }],
    ['FAPI2-C1 tokens signed by RS256', 'fapi2', {}, { keys: { 'master-key-file': 'master.key', algorithm: 'RS256' } }],
    [
      'FAPI2-MESSAGE-SIGNING-M5 tokens signed by RS256',
      'fapi2-message-signing',
      {},
      { keys: { 'master-key-file': 'master.key', algorithm: 'RS256' } },
    ],
    [
      'FAPI1-ADVANCED-M5 a public client',
      'fapi1-advanced',
      { token_endpoint_auth_method: 'none', tls_client_auth_san_dns: undefined, trust: undefined },
      {},
    ],
    ['FAPI1-ADVANCED-M3 a client with bearer tokens', 'fapi1-advanced', { binding: 'off' }, {}],
  ]
  for (const [name, profile, changes, more] of refused) {
    test(`${name}: ${profile} is refused at start`, async (t) => {
      const { file, configure } = writeTestConfiguration(await temporaryDirectory(t), authority, {})
      const starts = (chosen: string, client: object, top: object): boolean => {
        configure({ clients: [client], more: { profile: chosen, ...top } })
        return loadConfiguration({ file }).ok
      }
      const faulty = { ...usual, ...changes }
      assert.equal(starts(profile, usual, {}), true, 'without the fault it starts')
      assert.equal(starts(profile, faulty, more), false)
      if (!name.includes('ten minutes')) assert.equal(starts('none', faulty, more), true, 'the profile forbids it')
    })
  }
})
