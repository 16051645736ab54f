import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { createSelfSignedCertificate } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import { claimsOf, startTestServer } from './test-server.ts'
import type { TestAnswer, TestServer } from './test-server.ts'

const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const otherSigner = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const selfSigned = createSelfSignedCertificate({ commonName: 'robot' })
const pinned = createSelfSignedCertificate({ commonName: 'pinned' })
const stranger = createSelfSignedCertificate({ commonName: 'robot' })
const secret = 'a secret of the shop, in the clear'

const common = { grant_types: ['client_credentials'], scope: 'read write' }
const assertionClient = {
  ...common,
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  jwks: { keys: [{ ...signer.publicKey.export({ format: 'jwk' }), kid: 'k1' }] },
}
const clients = [
  ...(['off', 'if_present', 'required'] as const).flatMap((binding) => [
    {
      ...common,
      client_id: `pki-${binding}`,
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: 'acme.example',
      trust: 'partners',
      binding,
    },
    {
      ...common,
      client_id: `self-${binding}`,
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      jwks: {
        keys: [{ ...publicJwk(selfSigned.key), x5c: [Buffer.from(selfSigned.der).toString('base64')] }],
      },
      certificate_thumbprints: [pinned.thumbprint],
      binding,
    },
    { ...assertionClient, client_id: `jwt-${binding}`, binding },
    {
      ...common,
      client_id: `basic-${binding}`,
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: secret,
      binding,
    },
    {
      ...common,
      client_id: `post-${binding}`,
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: secret,
      binding,
    },
  ]),
  {
    ...common,
    client_id: 'public',
    token_endpoint_auth_method: 'none',
    tls_client_certificate_bound_access_tokens: true,
    dangerously_allow_public_client_credentials: true,
  },
  {
    ...common,
    client_id: 'dn',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_subject_dn: 'CN=Acme\\, Inc.,O=Example,C=DE',
  },
  { ...common, client_id: 'uri', token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_uri: 'urn:x:acme' },
  { ...common, client_id: 'ip', token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_ip: '2001:db8::1' },
  {
    ...common,
    client_id: 'email',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_email: 'ops@Example.com',
  },
  {
    ...common,
    client_id: 'opaque',
    token_endpoint_auth_method: 'client_secret_post',
    client_secret: secret,
    access_token_format: 'opaque',
  },
  {
    ...common,
    client_id: 'disabled',
    token_endpoint_auth_method: 'client_secret_post',
    client_secret: secret,
    disabled: true,
  },
  { client_id: 'nothing', grant_types: [], token_endpoint_auth_method: 'client_secret_post', client_secret: secret },
]

describe('the token endpoint, over real handshakes', () => {
  let at: TestServer
  let acme: TestCertificate
  let ending: (() => void | Promise<void>)[]

  before(async () => {
    ending = []
    at = await startTestServer({ after: (work) => void ending.push(work as () => Promise<void>) }, { clients })
    acme = at.authority.issue({ san: { dns: ['acme.example'] } })
  })

  // The server's own clean-up, in the opposite order of its making.
  after(async () => {
    for (const work of ending.toReversed()) await work()
  })

  const ask = (
    client: string,
    certificate: TestCertificate | undefined,
    more: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<TestAnswer> =>
    at.post(
      '/token',
      { grant_type: 'client_credentials', ...credentials(client), ...more },
      {
        headers: { ...authorization(client), ...headers },
        ...(certificate === undefined ? {} : { certificate }),
      },
    )

  function credentials(client: string): Readonly<Record<string, string>> {
    if (client.startsWith('basic')) return {}
    if (client.startsWith('jwt')) return { client_id: client, ...clientAssertion(client, signer.privateKey) }
    if (/^(post|opaque|disabled|nothing)/.test(client)) return { client_id: client, client_secret: secret }
    return { client_id: client }
  }

  function authorization(client: string): Readonly<Record<string, string>> {
    if (!client.startsWith('basic')) return {}
    return { authorization: `Basic ${Buffer.from(`${client}:${encodeURIComponent(secret)}`).toString('base64')}` }
  }

  for (const [method, certificate] of [
    ['pki', () => acme],
    ['self', () => selfSigned],
    ['self', () => pinned],
    ['jwt', () => acme],
    ['jwt', () => stranger],
    ['jwt', () => undefined],
    ['basic', () => acme],
    ['basic', () => undefined],
    ['post', () => stranger],
    ['post', () => undefined],
  ] as const) {
    for (const binding of ['off', 'if_present', 'required'] as const) {
      test(`RFC8705-M16  ${method} with binding ${binding}`, async () => {
        const presented = certificate()
        const answer = await ask(`${method}-${binding}`, presented)
        if (presented === undefined && binding === 'required') {
          assert.deepEqual([answer.status, answer.json['error']], [400, 'invalid_request'])
          return
        }
        assert.equal(answer.status, 200, answer.text)
        assert.equal(answer.json['token_type'], 'Bearer')
        assert.equal(answer.headers['cache-control'], 'no-store')
        const bound = presented !== undefined && binding !== 'off'
        const claims = claimsOf(answer.json['access_token'])
        assert.deepEqual(claims['cnf'], bound ? { 'x5t#S256': presented.thumbprint } : undefined)
        assert.equal(claims['client_id'], `${method}-${binding}`)
      })
    }
  }

  test('RFC8705-M20  a public client gets a token bound to whatever certificate it holds, and none without', async () => {
    const answer = await ask('public', stranger)
    assert.deepEqual(claimsOf(answer.json['access_token'])['cnf'], { 'x5t#S256': stranger.thumbprint })
    assert.equal((await ask('public', undefined)).json['error'], 'invalid_request')
  })

  test('RFC8705-M9  each kind of subject is matched by its own name only', async () => {
    const certificates = {
      dn: at.authority.issue({ subject: 'CN=ACME\\, inc.,O=example,C=de' }),
      uri: at.authority.issue({ san: { uri: ['urn:x:acme'] } }),
      ip: at.authority.issue({ san: { ip: ['2001:db8:0:0:0:0:0:1'] } }),
      email: at.authority.issue({ san: { email: ['ops@example.com'] } }),
    }
    for (const client of Object.keys(certificates)) {
      for (const [kind, certificate] of Object.entries(certificates)) {
        const answer = await ask(client, certificate)
        assert.equal(answer.status, kind === client ? 200 : 401, `${client} with ${kind}: ${answer.text}`)
      }
    }
  })

  test('the signature verifies by the published key that the header names', async () => {
    const token = String((await ask('pki-required', acme)).json['access_token'])
    const [header = '', payload = '', signature = ''] = token.split('.')
    const { kid, alg, typ } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, string>
    assert.deepEqual([alg, typ], ['ES256', 'at+jwt'])
    const { keys } = (await at.send({ path: '/jwks' })).json as { readonly keys: readonly Record<string, string>[] }
    const jwk = keys.find((key) => key['kid'] === kid)
    assert.ok(jwk)
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    const signed = Buffer.from(`${header}.${payload}`)
    assert.ok(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')))
  })

  const refusals: readonly (readonly [string, number, string, () => Promise<TestAnswer>])[] = [
    [
      'RFC8705-M2  no client_id',
      401,
      'invalid_client',
      () => at.post('/token', { grant_type: 'client_credentials' }, { certificate: acme }),
    ],
    ['an unknown client', 401, 'invalid_client', () => ask('nobody', acme)],
    ['a disabled client', 401, 'invalid_client', () => ask('disabled', undefined)],
    [
      'RFC8705-M4  the certificate of another',
      401,
      'invalid_client',
      () => ask('pki-required', at.authority.issue({ san: { dns: ['other.example'] } })),
    ],
    [
      'RFC8705-M5  the right name, vouched for by nobody',
      401,
      'invalid_client',
      () => ask('pki-required', createSelfSignedCertificate({ san: { dns: ['acme.example'] } })),
    ],
    [
      'RFC8705-M10  a self-signed certificate that is not registered',
      401,
      'invalid_client',
      () => ask('self-required', stranger),
    ],
    [
      'RFC8705-M10  a certificate of the CA where a registered one is due',
      401,
      'invalid_client',
      () => ask('self-required', acme),
    ],
    ['no certificate on the main host', 401, 'invalid_client', () => ask('pki-required', undefined)],
    [
      'an expired certificate',
      401,
      'invalid_client',
      () => ask('pki-required', at.authority.issue({ san: { dns: ['acme.example'] }, notAfter: 1_750_000_000 })),
    ],
    [
      'a wrong secret by basic',
      401,
      'invalid_client',
      () => ask('basic-off', undefined, {}, { authorization: `Basic ${btoa('basic-off:wrong')}` }),
    ],
    ['a wrong secret by post', 401, 'invalid_client', () => ask('post-off', undefined, { client_secret: 'wrong' })],
    [
      'a secret where a certificate is registered',
      401,
      'invalid_client',
      () => ask('pki-required', acme, {}, { authorization: `Basic ${btoa('pki-required:x')}` }),
    ],
    [
      'a certificate where a secret is registered',
      401,
      'invalid_client',
      () => ask('post-required', acme, { client_secret: '' }),
    ],
    [
      'an assertion signed by another key',
      401,
      'invalid_client',
      () => ask('jwt-off', undefined, clientAssertion('jwt-off', otherSigner.privateKey)),
    ],
    [
      'an expired assertion',
      401,
      'invalid_client',
      () => ask('jwt-off', undefined, clientAssertion('jwt-off', signer.privateKey, { exp: 1_750_000_000 })),
    ],
    [
      'an assertion for another audience',
      401,
      'invalid_client',
      () => ask('jwt-off', undefined, clientAssertion('jwt-off', signer.privateKey, { aud: 'https://other.test' })),
    ],
    ['an unknown grant', 400, 'unsupported_grant_type', () => ask('pki-required', acme, { grant_type: 'password' })],
    ['a grant that is not registered', 400, 'unauthorized_client', () => ask('nothing', undefined)],
    ['no grant', 400, 'invalid_request', () => at.post('/token', { client_id: 'pki-required' }, { certificate: acme })],
    ['a scope that is not registered', 400, 'invalid_scope', () => ask('pki-required', acme, { scope: 'read admin' })],
    [
      'a resource that is not registered',
      400,
      'invalid_target',
      () => ask('pki-required', acme, { resource: 'https://other.example/' }),
    ],
    [
      'a repeated parameter',
      400,
      'invalid_request',
      () => form('grant_type=client_credentials&client_id=a&client_id=b'),
    ],
    [
      'a repeated resource',
      400,
      'invalid_target',
      () => form('grant_type=client_credentials&resource=https://a&resource=https://b'),
    ],
    [
      'a body that is no form',
      400,
      'invalid_request',
      () => form('{"grant_type":"client_credentials"}', 'application/json'),
    ],
    ['bytes that no form has', 400, 'invalid_request', () => form('grant_type=\u00fc')],
    ['too large a body', 413, 'invalid_request', () => form(`a=${'x'.repeat(70_000)}`)],
    [
      'too many parameters',
      400,
      'invalid_request',
      () => form(Array.from({ length: 200 }, (_, index) => `p${index}=1`).join('&')),
    ],
    ['GET', 405, 'invalid_request', () => at.send({ path: '/token' })],
    [
      'two Authorization headers',
      400,
      'invalid_request',
      () =>
        at.send({
          method: 'POST',
          path: '/token',
          body: 'grant_type=client_credentials',
          headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: ['Basic YTpi', 'Basic YTpi'] },
        }),
    ],
  ]

  function form(body: string, type = 'application/x-www-form-urlencoded'): Promise<TestAnswer> {
    return at.send({ method: 'POST', path: '/token', body, headers: { 'content-type': type } })
  }

  for (const [name, status, code, send] of refusals) {
    test(`${name}: ${status} ${code}`, async () => {
      const answer = await send()
      assert.deepEqual([answer.status, answer.json['error']], [status, code], answer.text)
      assert.match(String(answer.json['error_description']), /\(reference [A-Za-z0-9_-]{24}\)$/)
      assert.match(String(answer.headers['content-type']), /^application\/json/)
      assert.equal(answer.headers['cache-control'], 'no-store')
    })
  }

  test('405 says what is allowed, OPTIONS too', async () => {
    assert.equal((await at.send({ path: '/token' })).headers['allow'], 'POST, OPTIONS')
    const options = await at.send({ method: 'OPTIONS', path: '/jwks' })
    assert.deepEqual([options.status, options.headers['allow']], [204, 'GET, HEAD, OPTIONS'])
  })

  test('RFC6749 §5.2  401 names the scheme when the client used it, and only then', async () => {
    const basic = await ask('basic-off', undefined, {}, { authorization: `Basic ${btoa('basic-off:wrong')}` })
    assert.match(String(basic.headers['www-authenticate']), /^Basic /)
    assert.equal((await ask('post-off', undefined, { client_secret: 'wrong' })).headers['www-authenticate'], undefined)
  })

  test('an assertion is accepted once', async () => {
    const once = clientAssertion('jwt-off', signer.privateKey)
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask('jwt-off', undefined, once)))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, ...Array<number>(9).fill(401)])
  })

  test('an empty or superfluous client_secret does not disturb a client with a certificate', async () => {
    assert.equal((await ask('pki-required', acme, { client_secret: '' })).status, 200)
    assert.equal((await ask('pki-required', acme, { client_secret: 'dummy' })).status, 200)
  })

  test('the host that asks for certificates serves nothing but the back channel', async () => {
    for (const path of ['/.well-known/openid-configuration', '/jwks', '/', '/authorize']) {
      const answer = await at.send({ path, host: 'mtls.as.test', certificate: acme })
      assert.deepEqual([answer.status, answer.json['error']], [404, 'not_found'], path)
    }
  })

  test('every refusal stands in the log with its reason and the id the peer was told, and no secret does', async () => {
    const answer = await ask('post-off', undefined, { client_secret: 'marked-wrong-secret' })
    const reference = /reference ([^)]+)\)/.exec(String(answer.json['error_description']))?.[1]
    const line = await logLine(at, String(reference))
    assert.equal((JSON.parse(line) as { failure: { reason: string } }).failure.reason, 'client_secret_mismatch')
    const issued = await ask('opaque', undefined)
    const log = await logText(at)
    for (const marked of ['marked-wrong-secret', secret, String(issued.json['access_token'])]) {
      assert.ok(!log.includes(marked), `${marked.slice(0, 10)}… is in the log`)
    }
  })
})

async function logLine(at: TestServer, id: string): Promise<string> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const line = (await logText(at)).split('\n').find((text) => text.includes(id))
    if (line !== undefined) return line
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`no line with ${id}`)
}

async function logText(at: TestServer): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return readFile(`${at.directory}/holdfast.log`, 'utf8')
}

function clientAssertion(
  client: string,
  key: KeyObject,
  claims: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, string>> {
  const now = Math.floor(Date.now() / 1000)
  const body = {
    iss: client,
    sub: client,
    aud: 'https://as.test',
    iat: now,
    exp: now + 60,
    jti: crypto.randomUUID(),
    ...claims,
  }
  const input = [{ alg: 'ES256', kid: 'k1' }, body]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${input}.${signature.toString('base64url')}`,
  }
}

function publicJwk(key: KeyObject): object {
  return createPublicKey(key).export({ format: 'jwk' })
}
