import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { before, test } from 'node:test'
import { loadConfiguration } from '@holdfast/server'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startAttackedServer, untilFileEnds } from './attacked-server.ts'
import type { AttackedServer } from './attacked-server.ts'
import { formType, rawExchange, rawRequest } from './raw-exchange.ts'

/** Every name that any object answers to. */
const inherited = ['__proto__', ...Object.getOwnPropertyNames(Object.prototype), 'prototype']
const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const robot = {
  client_id: 'robot',
  token_endpoint_auth_method: 'private_key_jwt',
  jwks: { keys: [{ ...signer.publicKey.export({ format: 'jwk' }), kid: 'k' }] },
  grant_types: ['client_credentials'],
  scope: 'read',
}
const shop = {
  client_id: 'shop',
  token_endpoint_auth_method: 'client_secret_post',
  client_secret: 'the secret of the shop',
  grant_types: ['client_credentials'],
  scope: 'read',
}
const pristine = Object.getOwnPropertyNames(Object.prototype)

const file = untilFileEnds()
let at: AttackedServer

before(async () => {
  at = await startAttackedServer(file, () => ({ clients: [robot, shop] }))
})

test('CVE-2020-7720: inherited names in a form, as parameter and as value, are names and values that nobody knows', async () => {
  const good = { grant_type: 'client_credentials', client_id: 'shop', client_secret: shop.client_secret }
  for (const name of inherited) {
    const more = new URLSearchParams([...Object.entries(good), [name, 'x'], [`${name}[polluted]`, 'x']]).toString()
    assert.equal((await raw('POST', '/token', [formType], more)).status, 200, name)
    const repeated = await raw('POST', '/token', [formType], `${more}&${name}=y`)
    assert.equal(JSON.parse(repeated.body).error, 'invalid_request', name)
    for (const [parameter, error] of [
      ['client_id', 'invalid_client'],
      ['client_secret', 'invalid_client'],
      ['grant_type', 'unsupported_grant_type'],
      ['scope', 'invalid_scope'],
      ['resource', 'invalid_target'],
    ] as const) {
      const answer = await at.post('/token', { ...good, [parameter]: name })
      assert.equal(answer.json['error'], error, `${parameter}=${name}: ${answer.text}`)
    }
    const typed = await at.token('robot', undefined, { client_assertion_type: name, client_assertion: 'a.b.c' })
    assert.equal(typed.status, 401)
    const told = await at.post('/introspect', { client_id: 'shop', client_secret: shop.client_secret, token: name })
    assert.deepEqual(told.json, { active: false })
  }
  untouched()
})

test('CVE-2020-7720: inherited names in the JSON of an assertion stand for nothing', async () => {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'robot', sub: 'robot', aud: 'https://as.test', exp: now + 60, jti: randomUUID() }
  const nested = JSON.stringify(claims)
  for (const [what, header, payload] of [
    ['claims by prototype', '{"alg":"ES256","kid":"k"}', `{"__proto__":${nested}}`],
    ['claims by constructor', '{"alg":"ES256","kid":"k"}', `{"constructor":{"prototype":${nested}}}`],
    ['a header by prototype', '{"__proto__":{"alg":"ES256","kid":"k"}}', nested],
    ...inherited.flatMap((name) => [
      [`alg ${name}`, JSON.stringify({ alg: name, kid: 'k' }), nested] as const,
      [`kid ${name}`, JSON.stringify({ alg: 'ES256', kid: name }), nested] as const,
      [`typ ${name}`, JSON.stringify({ alg: 'ES256', kid: 'k', typ: name }), nested] as const,
      [`iss ${name}`, '{"alg":"ES256","kid":"k"}', JSON.stringify({ ...claims, iss: name })] as const,
    ]),
  ] as const) {
    assert.equal((await present(signed(header, payload))).status, 401, what)
  }
  assert.equal(
    (await present(signed('{"alg":"ES256","kid":"k"}', `{"__proto__":{"x":1},${nested.slice(1)}`))).status,
    200,
  )
  untouched()
})

test('the __proto__ header crash of Node: inherited names as header, path, query and host are answered', async () => {
  for (const name of inherited) {
    assert.equal((await raw('GET', '/jwks', [`${name}: x`, `${name}: y`])).status, 200, name)
    assert.equal((await raw('GET', `/jwks?${name}=x&${name}[x]=y`)).status, 200, name)
    assert.equal((await raw('GET', `/${name}`)).status, 404, name)
    assert.equal((await raw('GET', `/jwks/${name}`)).status, 404, name)
    assert.ok([400, 421].includes((await raw('GET', '/jwks', [], '', name)).status), name)
    assert.ok([400, 405].includes((await raw(name, '/jwks')).status), name)
    assert.equal((await raw('POST', '/token', [`Content-Type: ${name}`], 'a=b')).status, 400, name)
  }
  untouched()
})

test('CVE-2020-7720: inherited names in configuration and registrations are refused as unknown, wherever they stand', () => {
  const whole = JSON.stringify({
    issuer: 'https://as.test',
    hosts: { 'as.test': { role: 'main' } },
    keys: { 'master-key-file': 'master.key' },
    listeners: [{ address: '127.0.0.1:0', tls: { certificate: 'server.pem', key: 'server.key' } }],
    clients: [robot],
  })
  const path = join(at.directory, 'polluted.json')
  const read = (text: string): ReturnType<typeof loadConfiguration> => {
    writeFileSync(path, text)
    return loadConfiguration({ file: path })
  }
  const usual = read(whole)
  assert.ok(usual.ok, JSON.stringify(usual))
  for (const name of ['__proto__', 'constructor', 'toString', 'prototype']) {
    const member = `${JSON.stringify(name)}:{"polluted":true,"issuer":"https://evil.test"},`
    const places = [whole.replace('{', `{${member}`), whole.replace('"role"', `${member}"role"`)]
    const registered = whole.replace('"client_id"', `${member}"client_id"`)
    for (const text of [...places, registered]) assert.ok(!read(text).ok, text.slice(0, 120))
    assert.ok(!read(whole.replace('"grant_types"', `"trust":${JSON.stringify(name)},"grant_types"`)).ok, name)
    assert.ok(!read(whole.replace('"private_key_jwt"', JSON.stringify(name))).ok, name)
  }
  untouched()
})

function untouched(): void {
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), pristine)
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
}

function raw(
  method: string,
  path: string,
  lines: readonly string[] = [],
  body = '',
  host = 'as.test',
): ReturnType<typeof rawExchange> {
  return rawExchange(at.tls('as.test'), rawRequest(method, path, host, lines, body))
}

function signed(header: string, payload: string): string {
  const input = [header, payload].map((text) => Buffer.from(text).toString('base64url')).join('.')
  const signature = sign('sha256', Buffer.from(input), { key: signer.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

function present(assertion: string): ReturnType<AttackedServer['token']> {
  return at.token('robot', undefined, {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  })
}
