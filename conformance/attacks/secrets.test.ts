import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { clientSecretHash } from '@holdfast/server'
import type { TestAnswer } from '../../packages/server/conformance/test-server.ts'
import { startAttackedServer } from './attacked-server.ts'
import { formType, rawExchange, rawRequest } from './raw-exchange.ts'

const marked = (what: string): string => `marked-${what}-${randomBytes(18).toString('base64url')}`
const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const common = { grant_types: ['client_credentials'], scope: 'read', introspection_audience: '*' }

test('P9: no secret, token or private key is in the database, the log, the audit trail, an answer or the metrics', async (t) => {
  const secrets = { post: marked('post'), basic: marked('basic'), hashed: marked('hashed'), proxy: marked('proxy') }
  const wrong = marked('wrong')
  const hash = await clientSecretHash(secrets.hashed)
  const at = await startAttackedServer(t, (directory) => {
    writeFileSync(join(directory, 'post.secret'), secrets.post)
    return {
      clients: [
        {
          ...common,
          client_id: 'post',
          token_endpoint_auth_method: 'client_secret_post',
          client_secret_file: 'post.secret',
        },
        {
          ...common,
          client_id: 'basic',
          token_endpoint_auth_method: 'client_secret_basic',
          client_secret: secrets.basic,
        },
        { ...common, client_id: 'hashed', token_endpoint_auth_method: 'client_secret_post', client_secret_hash: hash },
        {
          ...common,
          client_id: 'robot',
          token_endpoint_auth_method: 'private_key_jwt',
          access_token_format: 'opaque',
          jwks: { keys: [{ ...signer.publicKey.export({ format: 'jwk' }), kid: 'k' }] },
        },
      ],
      more: {
        listeners: [
          { address: '127.0.0.1:0', tls: { certificate: 'server.pem', key: 'server.key' } },
          {
            address: '127.0.0.1:0',
            hosts: ['mtls.as.test'],
            'client-certificate': { from: 'nginx', 'proxy-secret': secrets.proxy },
          },
        ],
        log: { level: 'debug', destination: 'holdfast.log' },
        audit: { destination: 'audit.jsonl' },
        management: { address: '127.0.0.1:0' },
      },
    }
  })
  const answers: TestAnswer[] = []
  const tokens: string[] = []
  const assertions: string[] = []
  const keep = (answer: TestAnswer): TestAnswer => {
    answers.push(answer)
    if (answer.status === 200 && typeof answer.json['access_token'] === 'string')
      tokens.push(answer.json['access_token'])
    return answer
  }
  const basic = (secret: string): Readonly<Record<string, string>> => ({
    authorization: `Basic ${btoa(`basic:${secret}`)}`,
  })
  const form = { grant_type: 'client_credentials' }
  for (const secret of [secrets.post, wrong]) keep(await at.token('post', undefined, { client_secret: secret }))
  for (const secret of [secrets.basic, wrong]) keep(await at.post('/token', form, { headers: basic(secret) }))
  for (const secret of [secrets.hashed, wrong]) keep(await at.token('hashed', undefined, { client_secret: secret }))
  for (const claims of [{}, {}, { aud: 'https://other.test' }, { exp: 1 }]) {
    const assertion = clientAssertion(claims)
    assertions.push(assertion)
    for (let twice = 0; twice < 2; twice++)
      keep(await at.token('robot', undefined, { client_assertion_type: type, client_assertion: assertion }))
  }
  assert.equal(tokens.length, 5)
  const caller = { client_id: 'post', client_secret: secrets.post }
  for (const token of [...tokens, `${tokens[0] ?? ''}x`, wrong]) {
    for (const path of ['/introspect', '/revoke']) keep(await at.post(path, { ...caller, token }))
  }
  // Where it does not belong: in the query, in the path, as another parameter, in a broken form.
  for (const path of [`/token?client_secret=${wrong}`, `/${wrong}`, `/token/${wrong}`]) keep(await at.post(path, form))
  for (const parameter of ['client_assertion', 'token', 'password', 'code', 'refresh_token', 'code_verifier'])
    keep(await at.token('post', undefined, { client_secret: secrets.post, [parameter]: `https://${wrong}/` }))
  for (const body of [
    `client_secret=${wrong}&client_secret=${wrong}`,
    `client_secret=%zz${wrong}`,
    `{"client_secret":"${wrong}"}`,
  ])
    keep(
      await at.send({
        method: 'POST',
        path: '/token',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    )
  const plain = { port: Number(/:([0-9]+)$/.exec(at.running.addresses[1] ?? '')?.[1]) }
  for (const secret of [secrets.proxy, wrong]) {
    const lines = [formType, `Holdfast-Proxy-Secret: ${secret}`]
    await rawExchange(plain, rawRequest('POST', '/token', 'mtls.as.test', lines, 'client_id=post'))
  }
  await at.running.keys.rotate(0)
  const metrics = await (await fetch(`http://${at.running.management ?? ''}/metrics`)).text()
  assert.match(metrics, /holdfast_/)
  await at.restart()

  const files = readdirSync(at.directory).filter((name) => /^(holdfast\.(db|log)|audit)/.test(name))
  assert.ok(files.includes('holdfast.db') && files.includes('holdfast.log') && files.includes('audit.jsonl'))
  const places = new Map<string, Buffer>([
    ...files.map((name) => [name, readFileSync(join(at.directory, name))] as const),
    ['metrics', Buffer.from(metrics)],
    ...answers.map(({ text, headers, json }, index) => {
      const { access_token: _issued, ...rest } = json
      const said = Object.keys(json).length > 0 ? JSON.stringify(rest) : text
      return [`answer ${index}`, Buffer.from(said + JSON.stringify(headers))] as const
    }),
  ])
  const masterKey = readFileSync(join(at.directory, 'master.key'), 'utf8').trim()
  const serverKey = readFileSync(join(at.directory, 'server.key'), 'utf8').split('\n')[1] ?? ''
  const signatures = [...tokens, ...assertions].map((text) => text.split('.').at(-1) ?? text)
  const needles = [...Object.values(secrets), wrong, masterKey, serverKey, ...tokens, ...assertions, ...signatures]
  for (const needle of needles)
    for (const form of formsOf(needle))
      for (const [place, content] of places)
        assert.ok(!content.includes(form), `${needle.slice(0, 14)}… is in ${place}`)

  // Not one private key in the clear: neither as JWK nor as PKCS#8, whose algorithm identifier would show.
  const stored = places.get('holdfast.db') ?? Buffer.alloc(0)
  assert.ok(stored.includes('"kty"'))
  assert.ok(!stored.includes('"d":') && !stored.includes(Buffer.from('06072a8648ce3d0201', 'hex')))
})

/** The same octets as other programs write them. */
function formsOf(text: string): readonly (string | Buffer)[] {
  const bytes = Buffer.from(text)
  return [
    text,
    bytes.toString('base64').replace(/={1,2}$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(text),
  ]
}

function clientAssertion(more: object): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'robot', sub: 'robot', aud: 'https://as.test', exp: now + 60, jti: randomUUID(), ...more }
  const input = [{ alg: 'ES256', kid: 'k' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign('sha256', Buffer.from(input), { key: signer.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
