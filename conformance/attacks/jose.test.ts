import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import { startAttackedServer, untilFileEnds } from './attacked-server.ts'
import type { AttackedServer } from './attacked-server.ts'
import { es256, forgeries, jws, part, rs256 } from './forgeries.ts'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const common = { grant_types: ['client_credentials'], scope: 'read', token_endpoint_auth_method: 'private_key_jwt' }
const clients = [
  {
    ...common,
    client_id: 'ec',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks: { keys: [{ ...ec.publicKey.export({ format: 'jwk' }), kid: 'k' }] },
  },
  { ...common, client_id: 'any', jwks: { keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), kid: 'k' }] } },
  {
    client_id: 'api',
    token_endpoint_auth_method: 'client_secret_post',
    client_secret: 'the secret of the API',
    grant_types: [],
    introspection_audience: '*',
  },
]

const file = untilFileEnds()
let at: AttackedServer

before(async () => {
  at = await startAttackedServer(file, () => ({ clients }))
})

test('CVE-2015-9235, CVE-2026-27962, -28802, CVE-2025-59420: no forged assertion authenticates, whatever its header says', async () => {
  for (const [client, key] of [
    ['ec', ec],
    ['any', rsa],
  ] as const) {
    const real = key === ec ? es256 : rs256
    const header = { alg: key === ec ? 'ES256' : 'RS256', kid: 'k' }
    assert.equal((await present(client, jws(header, claimsOf(client), real(key.privateKey)))).status, 200)
    for (const [what, assertion] of forgeries(claimsOf(client), key, real)) {
      const answer = await present(client, assertion)
      assert.deepEqual([answer.status, answer.json['error']], [401, 'invalid_client'], `${client}: ${what}`)
    }
  }
  assert.doesNotMatch(await at.logText(), /"event":"unexpected"/)
})

test('CVE-2022-21449, CVE-2015-9235: no forged access token is active', async () => {
  const answer = await present('ec', jws({ alg: 'ES256', kid: 'k' }, claimsOf('ec'), es256(ec.privateKey)))
  const token = String(answer.json['access_token'])
  const { keys } = (await at.send({ path: '/jwks' })).json as {
    readonly keys: readonly Readonly<Record<string, string>>[]
  }
  const published = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' })
  const [header = '', payload = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { readonly kid: string }
  assert.equal(await active(token), true)
  const forged = forgeries(claims, { publicKey: published, privateKey: attacker.privateKey }, es256, {
    kid,
    typ: 'at+jwt',
  })
  for (const [what, text] of [
    ...forged,
    ['signed by another key', jws({ alg: 'ES256', kid, typ: 'at+jwt' }, claims, es256(attacker.privateKey))] as const,
  ]) {
    assert.equal(await active(text), false, what)
  }
})

test('CVE-2025-61920, CVE-2024-28176: segments above 16 KB are refused before anything in them is decoded', async () => {
  const giant = 'A'.repeat(20_000)
  const bomb = Buffer.from('['.repeat(9_000)).toString('base64url')
  for (const [what, assertion] of [
    ['a giant header', `${giant}.e30.AA`],
    ['a giant payload', `e30.${giant}.AA`],
    ['a giant signature', `e30.e30.${giant}`],
    ['ten thousand dots', '.'.repeat(10_000)],
    ['nested arrays as header', `${bomb}.e30.AA`],
    ['nested arrays as payload', `${part({ alg: 'ES256', kid: 'k' })}.${bomb}.AA`],
    [
      'nested objects in a claim',
      jws({ alg: 'ES256', kid: 'k' }, { ...claimsOf('ec'), x: nested(2_000) }, es256(attacker.privateKey)),
    ],
  ] as const) {
    const began = performance.now()
    assert.equal((await present('ec', assertion)).status, 401, what)
    assert.equal(await active(assertion), false, what)
    assert.ok(performance.now() - began < 5_000, what)
  }
  const longest = jws({ alg: 'ES256', kid: 'k' }, { ...claimsOf('ec'), x: 'a'.repeat(11_900) }, es256(ec.privateKey))
  assert.ok(longest.length < 16_384 && longest.length > 16_000)
  assert.equal((await present('ec', longest)).status, 200)
  const tooLong = jws({ alg: 'ES256', kid: 'k' }, { ...claimsOf('ec'), x: 'a'.repeat(12_200) }, es256(ec.privateKey))
  assert.ok(tooLong.length > 16_384)
  assert.equal((await present('ec', tooLong)).status, 401)
})

function nested(depth: number): unknown {
  let value: unknown = 0
  for (let level = 0; level < depth; level++) value = [value]
  return value
}

function claimsOf(client: string): object {
  const now = Math.floor(Date.now() / 1000)
  return { iss: client, sub: client, aud: 'https://as.test', iat: now, exp: now + 60, jti: randomUUID() }
}

function present(client: string, assertion: string): ReturnType<AttackedServer['post']> {
  return at.token(client, undefined, {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  })
}

async function active(token: string): Promise<unknown> {
  const answer = await at.post('/introspect', { client_id: 'api', client_secret: 'the secret of the API', token })
  assert.equal(answer.status, 200, answer.text)
  return answer.json['active']
}
