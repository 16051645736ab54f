import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { createSelfSignedCertificate, createTestAuthority } from '@holdfast/testkit'
import { parseJsonWebKeySet } from '../client-registration/json-web-key-set.ts'
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
  signedJwt,
  thumbprintOf,
  tokenOf,
} from './fake-ports.test.ts'
import { createTokenEndpoint } from './token-endpoint.ts'

const authority = createTestAuthority()
const acme = authority.issue({ commonName: 'acme', san: { dns: ['acme.example'] } })
const other = authority.issue({ commonName: 'other', san: { dns: ['other.example'] } })
const pinned = createSelfSignedCertificate({ commonName: 'pinned' })
const clientCredentials = { grant_type: 'client_credentials', client_id: 'acme' }

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

  test('RFC7523-J1 a fresh assertion by a registered key is accepted, bound when a certificate is there', async () => {
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

  test('RFC7523-J5 an assertion is used up by its first use, and only by a use with a good signature', async () => {
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

  test('RFC7523-J5 of many concurrent uses of one assertion exactly one is accepted', async () => {
    const ports = fakePorts({ clients: [jwtClient] })
    const endpoint = createTokenEndpoint(ports, settings)
    const form = assertion(ports)
    const answers = await Promise.all(Array.from({ length: 20 }, () => endpoint(request(form))))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })

  test('RFC7523-J4 a key that is not registered is refused, a key in the header is not looked at', async () => {
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

  test('RFC6749-A33 client_secret_basic: accepted with the secret, 401 with a challenge without it', async () => {
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

  test('RFC6749-A32 two ways to authenticate in one request are refused', async () => {
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
