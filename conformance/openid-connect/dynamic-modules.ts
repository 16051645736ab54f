import assert from 'node:assert/strict'
import { createPublicKey, randomUUID } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { claimsOf } from '../../packages/server/conformance/test-server.ts'
import type { TestAnswer } from '../../packages/server/conformance/test-server.ts'
import { type Changes, signed, signingKey } from '../fapi/fapi-client.ts'
import { verified } from '../fapi/fapi-driver.ts'
import type { OpenidModule } from './basic-modules.ts'
import type { OpenidClient, OpenidDriver } from './openid-driver.ts'

/**
 * `oidcc-dynamic-certification-test-plan`, by the names without the prefix: clients register themselves with `private_key_jwt`.
 *
 * Left out: the discovery module, which demands the implicit flow of such servers, unsigned objects and tokens, and the change of
 * the server's keys, which is the operator's.
 */
export const dynamicModules: Readonly<Record<string, OpenidModule>> = {
  server: async (openid) => void (await flowOf(openid, await register(openid))),
  'idtoken-rs256': async (openid) => {
    const { tokens } = await flowOf(openid, await register(openid, { id_token_signed_response_alg: 'RS256' }))
    const [header = ''] = String(tokens['id_token']).split('.')
    assert.equal(
      (JSON.parse(Buffer.from(header, 'base64url').toString()) as Readonly<Record<string, unknown>>)['alg'],
      'RS256',
    )
  },
  'userinfo-rs256': async (openid) => {
    const client = await register(openid, { userinfo_signed_response_alg: 'RS256' })
    const { tokens } = await flowOf(openid, client)
    const answer = await openid.userinfo(tokens['access_token'])
    assert.match(String(answer.headers['content-type']), /^application\/jwt(;|$)/)
    const claims = await verified(openid.server, answer.text)
    assert.deepEqual([claims['sub'], claims['aud']], ['ada', client.id])
  },
  'ensure-redirect-uri-in-authorization-request': async (openid) => {
    const client = await register(openid, { redirect_uris: [redirectUri, 'https://dynamic.test/second'] })
    await shownAsError(openid, client, { redirect_uri: undefined })
  },
  'redirect-uri-query-OK': async (openid) => {
    const client = await register(openid, { redirect_uris: [`${redirectUri}?foo=bar`] })
    const { answer } = await flowOf(openid, { ...client, redirectUri: `${redirectUri}?foo=bar` })
    assert.equal(answer.get('foo'), 'bar')
  },
  'redirect-uri-query-mismatch': async (openid) => {
    const client = await register(openid, { redirect_uris: [`${redirectUri}?foo=bar`] })
    await shownAsError(openid, client, { redirect_uri: `${redirectUri}?bar=foo` })
  },
  'redirect-uri-query-added': async (openid) => {
    await shownAsError(openid, await register(openid), { redirect_uri: `${redirectUri}?foo=bar` })
  },
  'redirect-uri-regfrag': async (openid) => {
    const answer = await asked(openid, { redirect_uris: [`${redirectUri}#foobar`] })
    assert.deepEqual([answer.status, answer.json['error']], [400, 'invalid_redirect_uri'])
  },
  'registration-logo-uri': async (openid) => {
    // Taken, and not shown: pages load nothing from elsewhere.
    await flowOf(openid, await register(openid, { logo_uri: 'https://dynamic.test/logo.png' }))
  },
  'registration-policy-uri': shown({ policy_uri: 'https://dynamic.test/policy' }),
  'registration-tos-uri': shown({ tos_uri: 'https://dynamic.test/terms' }),
  'registration-jwks-uri': async (openid) => {
    const uri = publish(openid, '/registered.jwks', JSON.stringify({ keys: [publicJwk(key)] }))
    await flowOf(openid, await register(openid, { jwks: undefined, jwks_uri: uri }))
  },
  'registration-sector-uri': async (openid) => {
    const uri = publish(openid, '/sector.json', JSON.stringify([redirectUri]))
    await flowOf(openid, await register(openid, { sector_identifier_uri: uri }))
  },
  'registration-sector-bad': async (openid) => {
    const uri = publish(openid, '/bad-sector.json', JSON.stringify(['https://else.test/']))
    const answer = await asked(openid, { sector_identifier_uri: uri })
    assert.equal(answer.status, 400)
    assert.match(String(answer.json['error']), /^(invalid_redirect_uri|invalid_client_metadata)$/)
  },
  'refresh-token-rp-key-rotation': async (openid) => {
    const next = signingKey('PS256')
    const document = (one: KeyObject, kid: string): string => JSON.stringify({ keys: [{ ...publicJwk(one), kid }] })
    const uri = publish(openid, '/rotated.jwks', document(key, 'before'))
    const client = { ...(await register(openid, { jwks: undefined, jwks_uri: uri })), kid: 'before' }
    const { tokens } = await flowOf(openid, client, { scope: 'openid offline_access', prompt: 'consent' })
    publish(openid, '/rotated.jwks', document(next, 'after'))
    openid.advance(60)
    const form = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) }
    const refreshed = await token(openid, { ...client, key: next, kid: 'after' }, form)
    assert.equal(refreshed.status, 200, refreshed.text)
  },
  'request-uri-signed-rs256': async (openid) => {
    const uri = `${openid.clientSide}/request.jwt`
    const client = await register(openid, { request_uris: [uri], request_object_signing_alg: 'RS256' })
    const { nonce, state, ...others } = openid.parameters(client)
    const claims = { ...others, nonce, state, iss: client.id, aud: 'https://as.test' }
    publish(openid, '/request.jwt', signed({ alg: 'RS256' }, claims, key))
    const outside = { client_id: client.id, scope: 'openid', response_type: 'code', request_uri: uri }
    const page = await openid.browser.open(`/authorize?${new URLSearchParams(outside).toString()}`)
    assert.equal(openid.answer(await openid.through(page)).get('state'), state)
  },
  'refresh-token': async (openid) => {
    const [client, other] = [await register(openid), await register(openid)]
    const { tokens } = await flowOf(openid, client, { scope: 'openid offline_access', prompt: 'consent' })
    const form = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) }
    assert.equal((await token(openid, other, form)).json['error'], 'invalid_grant')
    const refreshed = await token(openid, client, form)
    assert.equal(refreshed.status, 200, refreshed.text)
    assert.equal(claimsOf(refreshed.json['id_token'])['sub'], 'ada')
  },
  'ensure-client-assertion-with-iss-aud-succeeds': async (openid) => {
    const client = await register(openid)
    for (const aud of ['https://as.test', 'https://as.test/token', ['https://as.test', 'https://other.test']]) {
      await flowOf(openid, { ...client, aud })
    }
  },
}

interface DynamicClient extends OpenidClient {
  readonly key?: KeyObject
  readonly kid?: string
  readonly aud?: unknown
}

const redirectUri = 'https://dynamic.test/callback'
const key = signingKey('PS256')

/** As the suite generates keys: without a `kid`. */
function publicJwk(of: KeyObject): object {
  return { ...createPublicKey(of).export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }
}

function publish({ documents, clientSide }: OpenidDriver, path: string, document: string): string {
  documents.set(path, document)
  return `${clientSide}${path}`
}

async function asked(openid: OpenidDriver, changes: Changes): Promise<TestAnswer> {
  const body = {
    client_name: 'oidf conformance',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [redirectUri],
    contacts: ['certification@dynamic.test'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [publicJwk(key)] },
    ...changes,
  }
  const headers = { 'content-type': 'application/json' }
  const answer = await openid.server.send({ method: 'POST', path: '/register', headers, body: JSON.stringify(body) })
  assert.match(String(answer.headers['content-type']), /^application\/json(;|$)/)
  return answer
}

async function register(openid: OpenidDriver, changes: Changes = {}): Promise<DynamicClient> {
  const { status, text, json } = await asked(openid, changes)
  assert.equal(status, 201, text)
  for (const member of ['client_id', 'registration_access_token', 'registration_client_uri']) {
    assert.equal(typeof json[member], 'string', member)
  }
  assert.equal('client_secret' in json, false)
  return { id: String(json['client_id']), redirectUri, method: 'client_secret_post' }
}

function token(
  { server }: OpenidDriver,
  { id, key: by = key, kid, aud = 'https://as.test/token' }: DynamicClient,
  form: Readonly<Record<string, string>>,
): Promise<TestAnswer> {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: id, sub: id, aud, iat: now, exp: now + 600, jti: randomUUID() }
  return server.post('/token', {
    client_id: id,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: signed({ alg: 'RS256', ...(kid === undefined ? {} : { kid }) }, claims, by),
    ...form,
  })
}

async function flowOf(
  openid: OpenidDriver,
  client: DynamicClient,
  changes: Changes = {},
): Promise<{ readonly answer: URLSearchParams; readonly tokens: Readonly<Record<string, unknown>> }> {
  const answer = openid.answer(await openid.through(await openid.open(client, changes)))
  const code = answer.get('code')
  assert.ok(code !== null, answer.toString())
  const form = { grant_type: 'authorization_code', code, redirect_uri: client.redirectUri }
  const tokens = await token(openid, client, form)
  assert.equal(tokens.status, 200, tokens.text)
  assert.equal((await verified(openid.server, String(tokens.json['id_token'])))['aud'], client.id)
  return { answer, tokens: tokens.json }
}

async function shownAsError(openid: OpenidDriver, client: OpenidClient, changes: Changes): Promise<void> {
  const page = await openid.open(client, changes)
  assert.equal(page.elsewhere, undefined)
  assert.equal(page.status, 400)
}

/** What people are shown before they log in or allow. */
function shown(member: Readonly<Record<string, string>>): OpenidModule {
  return async (openid) => {
    const client = await register(openid, member)
    const page = await openid.open(client, {}, openid.freshBrowser())
    assert.match(page.text, /id="password"/)
    for (const url of Object.values(member)) assert.ok(page.text.includes(url), page.text)
    await flowOf(openid, client)
  }
}
