import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { createSelfSignedCertificate, createTestAuthority, type TestCertificate } from '@holdfast/testkit'
import { parseJsonWebKeySet } from '../client-registration/json-web-key-set.ts'
import type { Answer } from '../protocol-error/answer.ts'
import {
  claimsOf,
  fakePorts,
  type FakePorts,
  ordinary,
  presented,
  request,
  settings,
  signedJwt,
  thumbprintOf,
} from './fake-ports.test.ts'
import { createTokenEndpoint } from './token-endpoint.ts'

const authority = createTestAuthority()
const strangers = createTestAuthority({ name: 'Strangers' })
const acme = authority.issue({ commonName: 'acme', san: { dns: ['acme.example'] } })
const other = authority.issue({ commonName: 'other', san: { dns: ['other.example'] } })
const pinned = createSelfSignedCertificate({ commonName: 'pinned' })
const trust = { partners: [authority.rootDer], strangers: [strangers.rootDer] }

const tlsClient = {
  ...ordinary,
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  trust: 'partners',
  tls_client_certificate_bound_access_tokens: true,
}
const clientCredentials = { grant_type: 'client_credentials', client_id: 'acme' }

function tlsPorts(metadata: object = {}): FakePorts {
  return fakePorts({ clients: [{ ...tlsClient, ...metadata }], trust })
}

function errorOf(answer: Answer): string {
  return (JSON.parse(answer.body) as { error: string }).error
}

function tokenOf(answer: Answer): string {
  assert.equal(answer.status, 200, answer.body)
  return (JSON.parse(answer.body) as { access_token: string }).access_token
}

function reasonOf(ports: FakePorts): string {
  const event = ports.events.at(-1)
  return event?.event === 'request_refused' ? event.failure.reason : `no refusal but ${event?.event}`
}

describe('tls_client_auth', () => {
  test('RFC8705-M16 a client with a trusted certificate of its subject gets a JWT whose cnf is exactly its thumbprint', async () => {
    const ports = tlsPorts()
    const answer = await createTokenEndpoint(
      ports,
      settings,
    )(request({ ...clientCredentials, scope: 'orders:read' }, { certificate: presented(acme) }))
    const { jti, ...claims } = claimsOf(tokenOf(answer))
    assert.deepEqual(claims, {
      iss: 'https://login.example',
      exp: ports.clock.now() + 300,
      aud: 'https://api.example',
      sub: 'acme',
      client_id: 'acme',
      iat: ports.clock.now(),
      scope: 'orders:read',
      cnf: { 'x5t#S256': acme.thumbprint },
    })
    assert.match(String(jti), /^[A-Za-z0-9_-]{22}$/)
    const { access_token: _, ...rest } = JSON.parse(answer.body) as Record<string, unknown>
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 300, scope: 'orders:read' })
    assert.equal(answer.headers['cache-control'], 'no-store')
    assert.equal(answer.headers['content-type'], 'application/json')
  })

  test('an issue is written down with what it was bound to, before the answer', async () => {
    const ports = tlsPorts()
    const answer = await createTokenEndpoint(
      ports,
      settings,
    )(request(clientCredentials, { certificate: presented(acme), correlationId: 'r1' }))
    assert.deepEqual(ports.events, [
      {
        event: 'token_issued',
        correlationId: 'r1',
        at: ports.clock.now(),
        clientId: 'acme',
        certificateThumbprint: acme.thumbprint,
        grantType: 'client_credentials',
        format: 'jwt',
        tokenId: claimsOf(tokenOf(answer))['jti'],
        method: 'tls_client_auth',
        scope: ['orders:read', 'orders:write'],
        audience: ['https://api.example'],
        expiresAt: ports.clock.now() + 300,
        boundTo: acme.thumbprint,
      },
    ])
  })

  const refusals: readonly {
    readonly name: string
    readonly certificate?: TestCertificate
    readonly form?: Readonly<Record<string, string>>
    readonly metadata?: object
    readonly advance?: number
    readonly reason: string
    readonly status?: number
    readonly error?: string
  }[] = [
    { name: 'RFC8705-M1 no certificate', reason: 'certificate_missing' },
    { name: 'RFC8705-M4 another trusted certificate', certificate: other, reason: 'certificate_subject_mismatch' },
    {
      name: 'RFC8705-M31 the right subject from a CA of another trust profile',
      certificate: strangers.issue({ commonName: 'acme', san: { dns: ['acme.example'] } }),
      reason: 'certificate_untrusted',
    },
    {
      name: 'RFC8705-M5 the right subject, signed by itself',
      certificate: createSelfSignedCertificate({ commonName: 'acme', san: { dns: ['acme.example'] } }),
      reason: 'certificate_untrusted',
    },
    {
      name: 'RFC8705-M5 an expired certificate',
      certificate: authority.issue({ san: { dns: ['acme.example'] }, notAfter: 1_767_225_599 }),
      reason: 'certificate_untrusted',
    },
    {
      name: 'RFC8705-M2 no client_id',
      certificate: acme,
      form: { grant_type: 'client_credentials' },
      reason: 'client_id_missing',
    },
    {
      name: 'an unknown client',
      certificate: acme,
      form: { ...clientCredentials, client_id: 'nobody' },
      reason: 'client_unknown',
    },
    { name: 'a disabled client', certificate: acme, metadata: { disabled: true }, reason: 'client_disabled' },
    {
      name: 'a grant that is not offered',
      certificate: acme,
      form: { ...clientCredentials, grant_type: 'password' },
      reason: 'grant_type_unknown',
      status: 400,
      error: 'unsupported_grant_type',
    },
    {
      name: 'a grant that the client did not register',
      certificate: acme,
      metadata: { grant_types: [] },
      reason: 'grant_type_not_registered',
      status: 400,
      error: 'unauthorized_client',
    },
    {
      name: 'no grant type',
      certificate: acme,
      form: { client_id: 'acme' },
      reason: 'parameter_missing',
      status: 400,
      error: 'invalid_request',
    },
    {
      name: 'a scope beyond the registered one',
      certificate: acme,
      form: { ...clientCredentials, scope: 'orders:read admin' },
      reason: 'scope_not_registered',
      status: 400,
      error: 'invalid_scope',
    },
    {
      name: 'a resource that the client did not register',
      certificate: acme,
      form: { ...clientCredentials, resource: 'https://other.example' },
      reason: 'resource_not_registered',
      status: 400,
      error: 'invalid_target',
    },
  ]
  for (const {
    name,
    certificate,
    form = clientCredentials,
    metadata,
    reason,
    status = 401,
    error = 'invalid_client',
  } of refusals) {
    test(`${name}: refused, with one reason written down`, async () => {
      const ports = tlsPorts(metadata)
      const endpoint = createTokenEndpoint(ports, settings)
      const answer = await endpoint(
        request(form, {
          certificate: certificate === undefined ? undefined : presented(certificate),
          correlationId: 'r2',
        }),
      )
      assert.equal(answer.status, status)
      assert.equal(errorOf(answer), error)
      assert.equal(reasonOf(ports), reason)
      assert.equal(ports.events.length, 1)
      assert.equal(ports.events[0]?.correlationId, 'r2')
      assert.match(answer.body, /\(reference r2\)/)
      assert.equal(answer.headers['www-authenticate'], undefined)
    })
  }

  test('a certificate that expires while the connection stays open is refused at the next request', async () => {
    const soon = authority.issue({ san: { dns: ['acme.example'] }, notAfter: 1_767_225_600 + 60 })
    const ports = tlsPorts()
    const endpoint = createTokenEndpoint(ports, settings)
    const certificate = presented(soon)
    assert.equal((await endpoint(request(clientCredentials, { certificate }))).status, 200)
    ports.clock.advance(60)
    assert.equal((await endpoint(request(clientCredentials, { certificate }))).status, 200)
    ports.clock.advance(1)
    assert.equal((await endpoint(request(clientCredentials, { certificate }))).status, 401)
    assert.equal(reasonOf(ports), 'certificate_untrusted')
  })

  test('the victim’s name in an intermediate or an appended certificate proves nothing', async () => {
    const below = authority.issueAuthority({
      subject: [{ type: 'CN', value: 'acme' }],
      san: { dns: ['acme.example'] },
    })
    const thief = below.issue({ commonName: 'thief', san: { dns: ['thief.example'] } })
    const ports = tlsPorts()
    const appended = presented({ der: thief.der, chain: [...thief.chain, acme.der] })
    const answer = await createTokenEndpoint(ports, settings)(request(clientCredentials, { certificate: appended }))
    assert.equal(answer.status, 401)
    assert.equal(reasonOf(ports), 'certificate_subject_mismatch')
  })

  test('a certificate that the edge would not take is refused, whatever the method', async () => {
    const ports = fakePorts({
      clients: [{ ...ordinary, token_endpoint_auth_method: 'client_secret_post', client_secret_hash: 'hash of s' }],
    })
    const refusal = { reason: 'header_repeated', header: 'client-cert' }
    const answer = await createTokenEndpoint(
      ports,
      settings,
    )(request({ ...clientCredentials, client_secret: 's' }, { certificateRefusal: refusal }))
    assert.equal(answer.status, 400)
    assert.equal(errorOf(answer), 'invalid_request')
    const event = ports.events[0]
    assert.ok(event?.event === 'request_refused')
    assert.deepEqual(event.failure, { reason: 'certificate_source_refused', refusal })
  })

  test('an empty client_secret counts as absent, a superfluous one is not read', async () => {
    const ports = tlsPorts()
    const endpoint = createTokenEndpoint(ports, settings)
    for (const client_secret of ['', 'dummy']) {
      const answer = await endpoint(request({ ...clientCredentials, client_secret }, { certificate: presented(acme) }))
      assert.equal(answer.status, 200)
    }
    assert.equal(ports.secretComparisons.length, 0)
    const wrong = await endpoint(
      request({ ...clientCredentials, client_secret: 'dummy' }, { certificate: presented(other) }),
    )
    assert.equal(wrong.status, 401)
  })

  test('RFC8705-M3 the registered method decides: an assertion or a Basic header in place of the certificate is refused', async () => {
    const ports = tlsPorts()
    const endpoint = createTokenEndpoint(ports, settings)
    const basic = `Basic ${Buffer.from('acme:secret').toString('base64')}`
    const answer = await endpoint(
      request({ grant_type: 'client_credentials' }, { authorization: basic, certificate: presented(acme) }),
    )
    assert.equal(answer.status, 401)
    assert.equal(reasonOf(ports), 'client_method_mismatch')
    assert.equal(answer.headers['www-authenticate'], 'Basic realm="client"')
    assert.equal(ports.events[0]?.clientId, 'acme')
  })

  test('a trust profile that is gone is our fault, not the client’s', async () => {
    const ports = { ...tlsPorts(), anchors: { find: () => undefined } }
    const answer = await createTokenEndpoint(
      ports,
      settings,
    )(request(clientCredentials, { certificate: presented(acme) }))
    assert.equal(answer.status, 500)
    assert.equal(errorOf(answer), 'server_error')
  })
})

describe('self_signed_tls_client_auth', () => {
  const selfSigned = { ...ordinary, token_endpoint_auth_method: 'self_signed_tls_client_auth' }

  test('RFC8705-M10 a registered certificate is accepted without any chain, by pin and by JWK', async () => {
    const jwk = {
      ...createPublicKey(pinned.key).export({ format: 'jwk' }),
      x5c: [Buffer.from(pinned.der).toString('base64')],
    }
    for (const registration of [{ certificate_thumbprints: [pinned.thumbprint] }, { jwks: { keys: [jwk] } }]) {
      const ports = fakePorts({ clients: [{ ...selfSigned, ...registration }] })
      const answer = await createTokenEndpoint(
        ports,
        settings,
      )(request(clientCredentials, { certificate: presented(pinned) }))
      assert.deepEqual(claimsOf(tokenOf(answer))['cnf'], { 'x5t#S256': pinned.thumbprint })
    }
  })

  test('RFC8705-M10 a certificate of any other kind is refused, CA-issued ones and the same key included', async () => {
    const sameKey = createSelfSignedCertificate({ commonName: 'pinned', key: pinned.key })
    const ports = fakePorts({ clients: [{ ...selfSigned, certificate_thumbprints: [pinned.thumbprint] }] })
    const endpoint = createTokenEndpoint(ports, settings)
    for (const certificate of [acme, sameKey]) {
      const answer = await endpoint(request(clientCredentials, { certificate: presented(certificate) }))
      assert.equal(answer.status, 401)
      assert.equal(reasonOf(ports), 'certificate_not_registered')
    }
    assert.equal((await endpoint(request(clientCredentials))).status, 401)
    assert.equal(reasonOf(ports), 'certificate_missing')
  })

  test('RFC8705-M10 a CA-issued certificate that is registered is as good as a self-signed one', async () => {
    const ports = fakePorts({ clients: [{ ...selfSigned, certificate_thumbprints: [acme.thumbprint] }] })
    const answer = await createTokenEndpoint(
      ports,
      settings,
    )(request(clientCredentials, { certificate: presented(acme) }))
    assert.equal(answer.status, 200)
  })

  test('the dates of a registered certificate count, unless the registration says otherwise', async () => {
    const old = createSelfSignedCertificate({ notAfter: 1_767_225_599 })
    const registration = { ...selfSigned, certificate_thumbprints: [old.thumbprint] }
    const ports = fakePorts({ clients: [registration] })
    const answer = await createTokenEndpoint(
      ports,
      settings,
    )(request(clientCredentials, { certificate: presented(old) }))
    assert.equal(answer.status, 401)
    assert.equal(reasonOf(ports), 'certificate_expired')
    const lax = fakePorts({ clients: [{ ...registration, dangerously_ignore_certificate_dates: true }] })
    assert.equal(
      (await createTokenEndpoint(lax, settings)(request(clientCredentials, { certificate: presented(old) }))).status,
      200,
    )
  })

  test('RFC8705-M12 a certificate that appeared at the jwks_uri since the last look is accepted', async () => {
    const jwk = {
      ...createPublicKey(pinned.key).export({ format: 'jwk' }),
      x5c: [Buffer.from(pinned.der).toString('base64')],
    }
    const { keys: afresh } = parseJsonWebKeySet({ keys: [jwk] }, thumbprintOf)
    const uri = 'https://client.example/jwks'
    const ports = fakePorts({ clients: [{ ...selfSigned, jwks_uri: uri }] })
    const nothing = { keys: [], thumbprints: new Set<never>() }
    ports.publishedKeys.set(uri, { now: nothing, afresh })
    const endpoint = createTokenEndpoint(ports, settings)
    assert.equal((await endpoint(request(clientCredentials, { certificate: presented(pinned) }))).status, 200)
    assert.equal((await endpoint(request(clientCredentials, { certificate: presented(acme) }))).status, 401)
    assert.equal(reasonOf(ports), 'certificate_not_registered')
  })

  test('keys that cannot be fetched refuse the client and say why to the operator', async () => {
    const ports = fakePorts({ clients: [{ ...selfSigned, jwks_uri: 'https://client.example/jwks' }] })
    const away = { ok: false, failure: { problem: 'timed out' } } as const
    const endpoint = createTokenEndpoint(
      { ...ports, registeredKeys: { keys: () => away, keysAfresh: () => away } },
      settings,
    )
    const answer = await endpoint(request(clientCredentials, { certificate: presented(pinned) }))
    assert.equal(answer.status, 401)
    assert.equal(reasonOf(ports), 'registered_keys_unavailable')
  })
})

describe('private_key_jwt', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'c1' }] }
  const jwtClient = { ...ordinary, token_endpoint_auth_method: 'private_key_jwt', jwks }

  function assertion(
    ports: FakePorts,
    claims: object = {},
    header: object = {},
    key = privateKey,
  ): Record<string, string> {
    const now = ports.clock.now()
    const all = {
      iss: 'acme',
      sub: 'acme',
      aud: settings.issuer,
      exp: now + 60,
      iat: now,
      jti: randomUUID(),
      ...claims,
    }
    return {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: signedJwt({ alg: 'ES256', kid: 'c1', ...header }, all, key),
    }
  }

  test('a fresh assertion by a registered key is accepted, bound when a certificate is there', async () => {
    const ports = fakePorts({ clients: [jwtClient] })
    const endpoint = createTokenEndpoint(ports, settings)
    const bearer = await endpoint(request(assertion(ports)))
    assert.equal(claimsOf(tokenOf(bearer))['cnf'], undefined)
    const bound = await endpoint(request(assertion(ports), { certificate: presented(other) }))
    assert.deepEqual(claimsOf(tokenOf(bound))['cnf'], { 'x5t#S256': other.thumbprint })
  })

  test('RFC8705-M19 a client that registered bound tokens gets none without a certificate', async () => {
    const ports = fakePorts({ clients: [{ ...jwtClient, tls_client_certificate_bound_access_tokens: true }] })
    const endpoint = createTokenEndpoint(ports, settings)
    const answer = await endpoint(request(assertion(ports), { role: 'main' }))
    assert.equal(answer.status, 400)
    assert.equal(errorOf(answer), 'invalid_request')
    assert.equal(reasonOf(ports), 'binding_certificate_missing')
    assert.equal((await endpoint(request(assertion(ports), { certificate: presented(other) }))).status, 200)
  })

  test('an assertion is used up by its first use, and only by a use with a good signature', async () => {
    const ports = fakePorts({ clients: [jwtClient] })
    const endpoint = createTokenEndpoint(ports, settings)
    const jti = randomUUID()
    assert.equal((await endpoint(request(assertion(ports, { jti }, {}, stranger)))).status, 401)
    assert.equal(reasonOf(ports), 'assertion_signature_invalid')
    const form = assertion(ports, { jti })
    assert.equal((await endpoint(request(form))).status, 200)
    assert.equal((await endpoint(request(form))).status, 401)
    assert.equal(reasonOf(ports), 'assertion_replayed')
  })

  test('of many concurrent uses of one assertion exactly one is accepted', async () => {
    const ports = fakePorts({ clients: [jwtClient] })
    const endpoint = createTokenEndpoint(ports, settings)
    const form = assertion(ports)
    const answers = await Promise.all(Array.from({ length: 20 }, () => endpoint(request(form))))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })

  test('a key that is not registered is refused, a key in the header is not looked at', async () => {
    const ports = fakePorts({ clients: [jwtClient] })
    const endpoint = createTokenEndpoint(ports, settings)
    const jwk = createPublicKey(stranger).export({ format: 'jwk' })
    assert.equal((await endpoint(request(assertion(ports, {}, { jwk }, stranger)))).status, 401)
    assert.equal(reasonOf(ports), 'assertion_signature_invalid')
    assert.equal((await endpoint(request(assertion(ports, {}, { kid: 'c2' })))).status, 401)
    assert.equal(reasonOf(ports), 'assertion_key_unknown')
  })

  test('a replay memory that is full refuses with 503, and forgets nothing', async () => {
    const ports = fakePorts({ clients: [jwtClient] })
    const endpoint = createTokenEndpoint({ ...ports, replays: { take: () => Promise.resolve('full') } }, settings)
    const answer = await endpoint(request(assertion(ports)))
    assert.equal(answer.status, 503)
    assert.equal(answer.headers['retry-after'], '5')
    assert.equal(errorOf(answer), 'temporarily_unavailable')
  })
})

describe('client secrets and public clients', () => {
  const secretClient = { ...ordinary, client_secret_hash: 'hash of s:e cret' }
  const basic = (id: string, secret: string): string =>
    `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`

  test('client_secret_basic: accepted with the secret, 401 with a challenge without it', async () => {
    const ports = fakePorts({ clients: [secretClient] })
    const endpoint = createTokenEndpoint(ports, settings)
    const form = { grant_type: 'client_credentials' }
    assert.equal((await endpoint(request(form, { authorization: basic('acme', 's:e cret') }))).status, 200)
    const answer = await endpoint(request(form, { authorization: basic('acme', 'wrong') }))
    assert.equal(answer.status, 401)
    assert.equal(answer.headers['www-authenticate'], 'Basic realm="client"')
  })

  test('an unknown client, a disabled one and one of another method cost the same comparison as a wrong secret', async () => {
    const ports = fakePorts({
      clients: [
        secretClient,
        { ...secretClient, client_id: 'off', disabled: true },
        { ...ordinary, client_id: 'post', token_endpoint_auth_method: 'client_secret_post', client_secret_hash: 'x' },
      ],
    })
    const endpoint = createTokenEndpoint(ports, settings)
    const bodies = new Set<string>()
    for (const id of ['acme', 'nobody', 'off', 'post']) {
      const answer = await endpoint(
        request({ grant_type: 'client_credentials' }, { authorization: basic(id, 'wrong'), correlationId: 'r' }),
      )
      assert.equal(answer.status, 401)
      bodies.add(answer.body)
    }
    assert.equal(ports.secretComparisons.length, 4)
    assert.equal(bodies.size, 1)
  })

  test('two ways to authenticate in one request are refused', async () => {
    const ports = fakePorts({ clients: [secretClient] })
    const answer = await createTokenEndpoint(
      ports,
      settings,
    )(request({ ...clientCredentials, client_secret: 's:e cret' }, { authorization: basic('acme', 's:e cret') }))
    assert.equal(answer.status, 400)
    assert.equal(reasonOf(ports), 'credentials_presented_twice')
  })

  test('RFC8705-M20 a public client gets a token bound to the certificate it came with, and none without', async () => {
    const ports = fakePorts({
      clients: [
        {
          ...ordinary,
          token_endpoint_auth_method: 'none',
          tls_client_certificate_bound_access_tokens: true,
          dangerously_allow_public_client_credentials: true,
        },
      ],
    })
    const endpoint = createTokenEndpoint(ports, settings)
    const answer = await endpoint(request(clientCredentials, { certificate: presented(pinned) }))
    assert.deepEqual(claimsOf(tokenOf(answer))['cnf'], { 'x5t#S256': pinned.thumbprint })
    assert.equal((await endpoint(request(clientCredentials))).status, 400)
  })

  test('a method that is switched off is refused', async () => {
    const ports = fakePorts({ clients: [secretClient] })
    const endpoint = createTokenEndpoint(ports, { ...settings, authenticationMethods: ['tls_client_auth'] })
    const answer = await endpoint(
      request({ grant_type: 'client_credentials' }, { authorization: basic('acme', 's:e cret') }),
    )
    assert.equal(answer.status, 401)
    assert.equal(reasonOf(ports), 'client_method_not_offered')
  })
})

describe('outages and broken requests', () => {
  test('an opaque token is kept before it is answered, and not answered when it cannot be kept', async () => {
    const ports = tlsPorts({ access_token_format: 'opaque' })
    const endpoint = createTokenEndpoint(ports, settings)
    const token = tokenOf(await endpoint(request(clientCredentials, { certificate: presented(acme) })))
    const record = await ports.accessTokens.find(ports.opaqueTokens.digest(token))
    assert.deepEqual(record?.confirmation, { 'x5t#S256': acme.thumbprint })
    ports.accessTokens.breakDown()
    const answer = await endpoint(request(clientCredentials, { certificate: presented(acme) }))
    assert.equal(answer.status, 503)
    assert.equal(errorOf(answer), 'temporarily_unavailable')
    assert.equal(reasonOf(ports), 'store_unavailable')
  })

  test('no token without its audit record', async () => {
    const away = { record: () => Promise.reject(new Error('disk full')) }
    const answer = await createTokenEndpoint(
      { ...tlsPorts(), audit: away },
      settings,
    )(request(clientCredentials, { certificate: presented(acme) }))
    assert.equal(answer.status, 503)
    assert.equal(answer.body.includes('access_token'), false)
  })

  test('a client store or a signer that is away is answered with 503', async () => {
    const ports = tlsPorts()
    const away = (): never => {
      throw new Error('away')
    }
    for (const broken of [
      { ...ports, clients: { find: away } },
      { ...ports, clients: { find: () => Promise.reject(new Error('away')) } },
      { ...ports, signer: { sign: away } },
    ]) {
      const answer = await createTokenEndpoint(
        broken,
        settings,
      )(request(clientCredentials, { certificate: presented(acme) }))
      assert.equal(answer.status, 503)
    }
  })

  test('a body that is no form is refused and written down', async () => {
    const ports = tlsPorts()
    const failure = { reason: 'parameter_repeated', parameter: 'scope' } as const
    const answer = await createTokenEndpoint(ports, settings)({ form: { ok: false, failure }, role: 'mtls' })
    assert.equal(answer.status, 400)
    assert.equal(errorOf(answer), 'invalid_request')
    assert.equal(reasonOf(ports), 'parameter_repeated')
  })

  test('a second Authorization header is refused', async () => {
    const ports = tlsPorts()
    const answer = await createTokenEndpoint(
      ports,
      settings,
    )(request(clientCredentials, { authorization: ['Basic YTpi', 'Basic YTpj'] }))
    assert.equal(answer.status, 400)
    assert.equal(reasonOf(ports), 'authorization_header_malformed')
  })

  test('no fact of a refusal reaches the wire', async () => {
    const ports = tlsPorts()
    const answer = await createTokenEndpoint(
      ports,
      settings,
    )(request(clientCredentials, { certificate: presented(other) }))
    for (const fact of ['acme.example', 'other.example', other.thumbprint, 'partners', 'subject']) {
      assert.equal(answer.body.includes(fact), false, fact)
    }
  })
})
