import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { qcStatementsExtension } from '@holdfast/x509/issue'
import { createSelfSignedCertificate, createTestAuthority, type TestCertificate } from '@holdfast/testkit'
import {
  claimsOf,
  errorOf,
  fakePorts,
  type FakePorts,
  ordinary,
  presented,
  reasonOf,
  request,
  settings,
  tokenOf,
} from './fake-ports.test.ts'
import { createTokenEndpoint } from './token-endpoint.ts'

const authority = createTestAuthority()
const strangers = createTestAuthority({ name: 'Strangers' })
const acme = authority.issue({ commonName: 'acme', san: { dns: ['acme.example'] } })
const other = authority.issue({ commonName: 'other', san: { dns: ['other.example'] } })
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
        recognizedBy: { kind: 'san_dns', value: 'acme.example' },
      },
    ])
  })

  test('an issue to a workload names the SPIFFE ID that came, not the many that may', async () => {
    const svid = authority.issue({
      san: { uri: ['spiffe://partners.example/orders/7'] },
      keyUsage: ['digitalSignature'],
    })
    const spiffe = { tls_client_auth_san_dns: undefined, spiffe_id: 'spiffe://partners.example/orders/*' }
    const ports = tlsPorts(spiffe)
    await createTokenEndpoint(ports, settings)(request(clientCredentials, { certificate: presented(svid) }))
    const event = ports.events[0]
    assert.ok(event?.event === 'token_issued')
    assert.deepEqual(event.recognizedBy, { kind: 'spiffe_id', value: 'spiffe://partners.example/orders/7' })
    assert.equal('psd2' in event, false)
  })

  test('an issue to a payment service provider names its roles and who authorized it', async () => {
    const statements = qcStatementsExtension({
      compliance: 'not_stated',
      types: ['web'],
      psd2: {
        roles: ['PSP_AI'],
        competentAuthorityName: 'Financial Conduct Authority',
        competentAuthorityId: 'GB-FCA',
      },
    })
    const qwac = authority.issue({
      subject: [{ type: '2.5.4.97', value: 'PSDGB-FCA-123456' }],
      extensions: [statements],
    })
    const organization = {
      tls_client_auth_san_dns: undefined,
      certificate_organization_identifier: 'PSDGB-FCA-123456',
    }
    const ports = tlsPorts(organization)
    await createTokenEndpoint(ports, settings)(request(clientCredentials, { certificate: presented(qwac) }))
    const event = ports.events[0]
    assert.ok(event?.event === 'token_issued')
    assert.deepEqual(event.recognizedBy, { kind: 'organization_identifier', value: 'PSDGB-FCA-123456' })
    assert.deepEqual(event.psd2, { roles: ['PSP_AI'], authority: 'GB-FCA' })
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
