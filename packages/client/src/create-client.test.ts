import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { suite, test } from 'node:test'

import { temporaryDirectory } from '@holdfast/testkit'
import { encodePkcs12 } from '@holdfast/x509/issue'

import { createClient } from './index.ts'
import type { ClientError } from './index.ts'
import {
  apiOrigin,
  assertCode,
  assertRejects,
  authority,
  certificateFiles,
  connect,
  decoded,
  issued,
  issuer,
  jwt,
  mtlsOrigin,
  ours,
  peer,
  renewed,
  response,
  tokenRequests,
  clients,
} from './peers.test.ts'

suite('the whole way', () => {
  test('RFC8705-M14 the example of the doc comment gets a bound token and calls the API with the same certificate', async (t) => {
    const directory = await temporaryDirectory(t)
    await writeFile(join(directory, 'acme.pem'), ours.chainPem)
    await writeFile(join(directory, 'acme.key'), ours.keyPem)

    const holdfast = createClient({
      issuer,
      clientId: 'acme',
      authentication: 'tls_client_auth',
      certificate: { certFile: join(directory, 'acme.pem'), keyFile: join(directory, 'acme.key') },
      ca: authority.rootPem,
    })
    clients.push(holdfast)

    const answer = await holdfast.fetch(`${apiOrigin}/orders`)
    assert.equal(answer.status, 200)
    assert.deepEqual(await answer.json(), { hello: 'rightful holder' })
    assert.deepEqual(
      peer.seen.map(({ host, path, thumbprint }) => [host, path, thumbprint]),
      [
        [new URL(issuer).host, '/.well-known/oauth-authorization-server', undefined],
        [new URL(mtlsOrigin).host, '/token', ours.thumbprint],
        [new URL(apiOrigin).host, '/orders', ours.thumbprint],
      ],
    )
  })

  test('PKCS#12 with its passphrase does the same as PEM, from memory and from a file', async (t) => {
    const pfx = encodePkcs12(
      {
        certificates: [ours.der, ...ours.chain],
        privateKey: ours.key.export({ format: 'der', type: 'pkcs8' }),
        password: 'sesame',
      },
      (octets) => randomBytes(octets),
    )
    const pfxFile = join(await temporaryDirectory(t), 'acme.p12')
    await writeFile(pfxFile, pfx)
    for (const certificate of [{ pfx }, { pfxFile }]) {
      const client = connect({ certificate: { ...certificate, passphrase: 'sesame' } })
      assert.equal((await client.fetch(`${apiOrigin}/x`)).status, 200)
    }
    assert.deepEqual(
      tokenRequests().map(({ thumbprint }) => thumbprint),
      [ours.thumbprint, ours.thumbprint],
    )
    assert.throws(() => connect({ certificate: { pfx, passphrase: 'wrong' } }), /certificate cannot be used/)
  })

  test('a token is asked for once, however many calls wait for it, and kept for the next ones', async () => {
    const client = connect()
    await Promise.all(Array.from({ length: 20 }, () => client.fetch(`${apiOrigin}/x`).then((answer) => answer.text())))
    await client.fetch(`${apiOrigin}/x`)
    assert.equal(tokenRequests().length, 1)
    assert.equal(peer.seen.filter(({ path }) => path === '/x').length, 21)
  })

  test('tokens are kept apart by scope and resource', async () => {
    const client = connect({ scope: 'read' })
    await client.token()
    await client.token({ scope: 'write' })
    await client.token({ resource: ['https://a.example', 'https://b.example'] })
    await client.token({ scope: 'read' })
    assert.deepEqual(
      tokenRequests().map(({ body }) => [
        new URLSearchParams(body).get('scope'),
        new URLSearchParams(body).getAll('resource'),
      ]),
      [
        ['read', []],
        ['write', []],
        ['read', ['https://a.example', 'https://b.example']],
      ],
    )
  })

  test('a token is renewed shortly before it expires', async () => {
    let now = 1_800_000_000_000
    const client = connect({}, () => now)
    peer.answerToken = (request) => ({ json: issued(request, {}, 300) })
    await client.token()
    now += 269_000
    await client.token()
    assert.equal(tokenRequests().length, 1)
    now += 2_000
    await client.token()
    assert.equal(tokenRequests().length, 2)
  })

  test('a failed token request reaches all who wait for it and is not remembered', async () => {
    const client = connect()
    peer.answerToken = () => ({
      status: 503,
      headers: { 'retry-after': '5' },
      json: { error: 'temporarily_unavailable' },
    })
    const results = await Promise.allSettled([client.token(), client.token()])
    for (const result of results) {
      assert.equal(result.status, 'rejected')
      assertCode(result.reason, 'token_request_refused', {
        status: 503,
        error: 'temporarily_unavailable',
        retryAfter: '5',
      })
    }
    peer.answerToken = (request) => ({ json: issued(request) })
    assert.equal((await client.token()).binding, 'bound')
  })
})

suite('endpoints', () => {
  test('RFC8705-M21 with a certificate the alias is used when there is one, the top-level endpoint when there is none', async () => {
    const client = connect()
    await client.token()
    assert.equal(await client.post('revocation_endpoint', { token: 'x' }).then(({ status }) => status), 200)
    assert.deepEqual(
      peer.seen.slice(1).map(({ host, path }) => [host, path]),
      [
        [new URL(mtlsOrigin).host, '/token'],
        [new URL(issuer).host, '/revoke'],
      ],
    )
  })

  test('RFC8705-M21 without a certificate, or when told so, aliases are ignored', async () => {
    peer.answerToken = () => ({ json: { access_token: 'opaque', token_type: 'Bearer' } })
    const secret = { method: 'client_secret_basic', secret: 's' } as const
    await connect({ authentication: secret, certificate: undefined }).token()
    await connect({ mtlsEndpointAliases: 'ignore' }).token()
    assert.deepEqual(
      tokenRequests().map(({ host }) => host),
      [new URL(issuer).host, new URL(issuer).host],
    )
  })

  test('RFC8414-M7 metadata of another issuer is refused', async () => {
    peer.metadata['issuer'] = `${issuer}/`
    await assertRejects(connect().token(), 'issuer_mismatch', { expected: issuer, presented: `${issuer}/` })
  })

  test('where RFC 8414 finds nothing, the OpenID address is asked', async () => {
    const openid = { ...peer.metadata }
    peer.metadata = {}
    peer.openidMetadata = openid
    try {
      assert.equal((await connect().token()).binding, 'bound')
    } finally {
      peer.openidMetadata = undefined
    }
  })

  test('an alias that is no https URL is refused, not passed over', async () => {
    peer.metadata['mtls_endpoint_aliases'] = { token_endpoint: 'http://mtls.localhost/token' }
    await assertRejects(connect().token(), 'metadata_malformed', { member: 'mtls_endpoint_aliases.token_endpoint' })
  })

  test('an issuer that does not answer ends in a time-out, one that is not there in a failure', async (t) => {
    const silent = createTcpServer(() => undefined)
    await once(silent.listen(0, '127.0.0.1'), 'listening')
    t.after(() => silent.close())
    const timeouts = { authorizationServer: 0.2, connect: 0.2 }
    const hanging = connect({ issuer: `https://localhost:${(silent.address() as AddressInfo).port}`, timeouts })
    await assertRejects(hanging.token(), 'request_timeout')
    silent.close()
    peer.answerToken = () => 'hang'
    await assertRejects(connect({ timeouts }).token(), 'request_timeout')
    await assertRejects(connect({ issuer: 'https://localhost:1' }).token(), 'request_failed')
  })

  test('a redirect of the token endpoint is not followed', async () => {
    peer.answerToken = () => ({ status: 307, headers: { location: `${apiOrigin}/token` } })
    await assertRejects(connect().token(), 'token_request_refused', { status: 307 })
    assert.equal(
      peer.seen.some(({ host }) => host === new URL(apiOrigin).host),
      false,
    )
  })
})

suite('client authentication', () => {
  test('RFC8705-M2 client_id is in the body of every request that is authenticated by certificate', async () => {
    await connect({ authentication: 'self_signed_tls_client_auth' }).token()
    await connect({ authentication: 'none' }).token()
    assert.deepEqual(
      tokenRequests().map(({ body, authorization }) => [new URLSearchParams(body).get('client_id'), authorization]),
      [
        ['acme', undefined],
        ['acme', undefined],
      ],
    )
  })

  for (const [algorithm, pair] of [
    ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['EdDSA', generateKeyPairSync('ed25519')],
  ] as const) {
    test(`private_key_jwt with ${algorithm}: one assertion per request, for the issuer alone, good for a minute`, async () => {
      const key = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
      const client = connect({ authentication: { method: 'private_key_jwt', key, keyId: 'k1' } })
      await client.token()
      await client.token({ scope: 'other' })
      const assertions = tokenRequests().map(({ body }) => new URLSearchParams(body).get('client_assertion') ?? '')
      const [first = '', second = ''] = assertions
      const [header = '', payload = '', signature = ''] = first.split('.')
      assert.deepEqual(decoded(header), { alg: algorithm, typ: 'JWT', kid: 'k1' })
      const { iss, sub, aud, exp, iat, jti } = decoded(payload)
      assert.deepEqual([iss, sub, aud, Number(exp) - Number(iat)], ['acme', 'acme', issuer, 60])
      assert.notEqual(jti, decoded(second.split('.')[1] ?? '')['jti'])
      const publicKey = { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' as const }
      const signed = Buffer.from(`${header}.${payload}`)
      assert.ok(verify(algorithm === 'ES256' ? 'sha256' : null, signed, publicKey, Buffer.from(signature, 'base64url')))
    })
  }

  test('client_secret_basic form-encodes both halves', async () => {
    peer.answerToken = () => ({ json: { access_token: 'opaque', token_type: 'bearer', expires_in: '60' } })
    const authentication = { method: 'client_secret_basic', secret: 'a:b %' } as const
    await connect({ clientId: 'ac:me', authentication, binding: 'off' }).token()
    const [request] = tokenRequests()
    const basic = Buffer.from(request?.authorization?.slice('Basic '.length) ?? '', 'base64').toString()
    assert.equal(basic, 'ac%3Ame:a%3Ab+%25')
  })

  test('a refusal carries the RFC code, the sentence of the server and what is known about the certificate', async () => {
    const expired = authority.issue({ commonName: 'expired', notAfter: 1_710_000_000 })
    peer.answerToken = () => ({ status: 401, json: { error: 'invalid_client', error_description: 'no (ref 7)' } })
    const certificate = { cert: expired.chainPem, key: expired.keyPem }
    await assertRejects(connect({ certificate }).token(), 'token_request_refused', {
      status: 401,
      error: 'invalid_client',
      errorDescription: 'no (ref 7)',
      thumbprint: expired.thumbprint,
      certificateExpired: new Date(1_710_000_000_000).toISOString(),
    })
  })
})

suite('the binding of the token', () => {
  test('RFC8705-M16 a JWT without cnf is refused: no silent fall back to bearer', async () => {
    peer.answerToken = () => ({ json: response(jwt({ sub: 'acme' })) })
    await assertRejects(connect().token(), 'token_not_bound')
    await assertRejects(connect().fetch(apiOrigin), 'token_not_bound')
    assert.equal(
      peer.seen.some(({ host }) => host === new URL(apiOrigin).host),
      false,
    )
  })

  test('a JWT that is bound to another certificate is refused', async () => {
    peer.answerToken = () => ({ json: response(jwt({ cnf: { 'x5t#S256': renewed.thumbprint } })) })
    await assertRejects(connect().token(), 'token_bound_to_other_certificate', {
      expected: ours.thumbprint,
      presented: renewed.thumbprint,
    })
  })

  test('an opaque token is taken, and says that its binding is unknown', async () => {
    peer.answerToken = () => ({
      json: { access_token: 'b3BhcXVl', token_type: 'Bearer', expires_in: 60, scope: 'a b' },
    })
    const token = await connect().token()
    assert.deepEqual([token.binding, token.scope, token.thumbprint], ['unknown', ['a', 'b'], ours.thumbprint])
  })

  test('a token of a type that cannot be presented is refused', async () => {
    peer.answerToken = () => ({ json: { access_token: 'x', token_type: 'DPoP' } })
    await assertRejects(connect().token(), 'token_type_unsupported', { presented: 'DPoP' })
  })

  test('any grant is checked in the same way', async () => {
    const granted = await connect().grant({ grant_type: 'refresh_token', refresh_token: 'r' })
    assert.equal(granted.binding, 'bound')
    const [request] = tokenRequests()
    assert.equal(request?.body, 'grant_type=refresh_token&refresh_token=r&client_id=acme')
    peer.answerToken = () => ({ json: response(jwt({})) })
    await assertRejects(connect().grant({ grant_type: 'refresh_token', refresh_token: 'r' }), 'token_not_bound')
  })
})

suite('fetch', () => {
  const refused = { status: 401, headers: { 'www-authenticate': 'Bearer realm="x", error="invalid_token"' } }

  test('on 401 invalid_token the token is renewed once and the request sent again with its body', async () => {
    peer.answerApi = (_request, count) => (count === 1 ? refused : { json: { count } })
    const answer = await connect().fetch(`${apiOrigin}/orders`, {
      method: 'POST',
      body: new URLSearchParams({ a: 'b' }),
    })
    assert.equal(answer.status, 200)
    const calls = peer.seen.filter(({ path }) => path === '/orders')
    assert.deepEqual(
      calls.map(({ body }) => body),
      ['a=b', 'a=b'],
    )
    assert.notEqual(calls[0]?.authorization, calls[1]?.authorization)
    assert.equal(tokenRequests().length, 2)
  })

  test('many refused at once share one renewal', async () => {
    const client = connect()
    const { value: stale } = await client.token()
    peer.answerApi = (request) => (request.authorization === `Bearer ${stale}` ? refused : { json: {} })
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.fetch(`${apiOrigin}/x`)))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    assert.equal(tokenRequests().length, 2)
  })

  test('a second 401 is the answer', async () => {
    peer.answerApi = () => refused
    assert.equal((await connect().fetch(`${apiOrigin}/x`)).status, 401)
    assert.equal(peer.seen.filter(({ path }) => path === '/x').length, 2)
  })

  test('a streamed body is sent once; its 401 is the answer', async () => {
    peer.answerApi = () => refused
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('streamed'))
        controller.close()
      },
    })
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    assert.equal((await connect().fetch(`${apiOrigin}/x`, init)).status, 401)
    assert.deepEqual(
      peer.seen.filter(({ path }) => path === '/x').map((request) => request.body),
      ['streamed'],
    )
  })

  test('other refusals are left alone', async () => {
    for (const challenge of ['Bearer error="insufficient_scope"', 'Bearer', 'Basic error="invalid_token"']) {
      peer.answerApi = () => ({ status: 401, headers: { 'www-authenticate': challenge } })
      peer.seen = []
      assert.equal((await connect().fetch(`${apiOrigin}/x`)).status, 401)
      assert.equal(peer.seen.filter(({ path }) => path === '/x').length, 1, challenge)
    }
  })

  test('a Request, a form with a file and headers arrive as the platform would send them', async () => {
    peer.answerApi = () => ({ json: {} })
    const form = new FormData()
    form.set('file', new Blob(['content']), 'name.txt')
    await connect().fetch(new Request(`${apiOrigin}/form`, { method: 'PUT', body: form, headers: { 'x-own': '1' } }))
    const call = peer.seen.find(({ path }) => path === '/form')
    assert.match(call?.body ?? '', /filename="name\.txt"[\s\S]*content/)
  })

  test('nothing is sent over plain http', async () => {
    await assertRejects(connect().fetch('http://api.localhost/x'), 'url_not_https')
    assert.deepEqual(peer.seen, [])
  })

  test('a closed client says so', async () => {
    const client = connect()
    await client.close()
    await assertRejects(client.fetch(apiOrigin), 'client_closed')
  })
})

suite('renewed certificate files', () => {
  test('RFC8705-M25 a new certificate brings new connections and a new token, without a restart', async (t) => {
    const { files, put, tick, now } = await certificateFiles(await temporaryDirectory(t))
    const client = connect({ certificate: files }, now)
    await client.fetch(`${apiOrigin}/x`)
    await put(renewed)
    tick()
    assert.equal((await client.fetch(`${apiOrigin}/x`)).status, 200)
    assert.deepEqual(
      tokenRequests().map(({ thumbprint }) => thumbprint),
      [ours.thumbprint, renewed.thumbprint],
    )
    assert.deepEqual(
      peer.seen.filter(({ path }) => path === '/x').map(({ thumbprint }) => thumbprint),
      [ours.thumbprint, renewed.thumbprint],
    )
  })

  test('a half-written pair leaves the old one in use, is reported once, and the finished pair is taken', async (t) => {
    const problems: ClientError[] = []
    const { files, put, tick, now } = await certificateFiles(await temporaryDirectory(t))
    const client = connect({ certificate: files, onCertificateProblem: (problem) => problems.push(problem) }, now)
    await client.fetch(`${apiOrigin}/x`)
    for (const half of [
      { ...renewed, keyPem: ours.keyPem },
      { ...renewed, keyPem: renewed.keyPem.slice(0, 60) },
      { ...renewed, chainPem: '' },
    ]) {
      await put(half)
      tick()
      assert.equal((await client.fetch(`${apiOrigin}/x`)).status, 200)
      tick()
      assert.equal((await client.token()).thumbprint, ours.thumbprint)
    }
    assert.deepEqual(
      problems.map(({ code, facts }) => [code, facts['inUse']]),
      Array(3).fill(['certificate_unusable', ours.thumbprint]),
    )
    await put(renewed)
    tick()
    assert.equal((await client.token()).thumbprint, renewed.thumbprint)
    assert.equal(tokenRequests().length, 2)
  })

  test('a request that is under way finishes with the certificate that it began with', async (t) => {
    const { files, put, tick, now } = await certificateFiles(await temporaryDirectory(t))
    const client = connect({ certificate: files }, now)
    const gate = Promise.withResolvers<undefined>()
    const arrived = Promise.withResolvers<undefined>()
    peer.answerToken = async (request, count) => {
      arrived.resolve(undefined)
      if (count === 1) await gate.promise
      return { json: issued(request) }
    }
    const early = client.fetch(`${apiOrigin}/early`)
    await arrived.promise
    await put(renewed)
    tick()
    assert.equal((await client.fetch(`${apiOrigin}/late`)).status, 200)
    gate.resolve(undefined)
    assert.equal((await early).status, 200)
    assert.equal(peer.seen.find(({ path }) => path === '/early')?.thumbprint, ours.thumbprint)
    assert.equal(peer.seen.find(({ path }) => path === '/late')?.thumbprint, renewed.thumbprint)
  })
})
