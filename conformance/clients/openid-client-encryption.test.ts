import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { CompactEncrypt, decodeProtectedHeader, importJWK } from 'jose'
import type { CryptoKey as JoseKey, JWK } from 'jose'
import * as openid from 'openid-client'
import { certificateMethods } from './certificate-methods.ts'
import { startPeopleSite } from './people-site.ts'
import type { PeopleSite } from './people-site.ts'

/** Each client has a key of its own kind, and a method for it. */
const methods = {
  tls_client_auth: { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', pair: generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
  self_signed_tls_client_auth: {
    alg: 'RSA-OAEP-256',
    enc: 'A128CBC-HS256',
    pair: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  },
} as const
type Method = keyof typeof methods

const cleanUps: (() => unknown)[] = []
let site: PeopleSite

before(async () => {
  const wish = (method: Method): { readonly members: object; readonly key: object } => {
    const { alg, enc, pair } = methods[method]
    const members = ['id_token', 'userinfo', 'authorization', 'introspection'].flatMap((kind) => [
      [`${kind}_encrypted_response_alg`, alg],
      [`${kind}_encrypted_response_enc`, enc],
    ])
    return {
      members: { ...Object.fromEntries(members), userinfo_signed_response_alg: 'ES256' },
      key: { ...pair.publicKey.export({ format: 'jwk' }), kid: 'mail', use: 'enc' },
    }
  }
  site = await startPeopleSite(
    { after: (cleanUp) => void cleanUps.push(cleanUp) },
    {
      tokens: { 'encrypted-answers': 'offered' },
      keys: { 'request-encryption': 'EC' },
      clients: {
        tls_client_auth: wish('tls_client_auth'),
        self_signed_tls_client_auth: wish('self_signed_tls_client_auth'),
      },
    },
  )
})
after(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

test('RFC9101-M11 the metadata name every way of encryption, and the keys one to encrypt to', async () => {
  const metadata = (await discovered('tls_client_auth')).serverMetadata() as Readonly<Record<string, unknown>>
  const every = ['ECDH-ES+A256KW', 'ECDH-ES+A128KW', 'ECDH-ES', 'RSA-OAEP-256']
  for (const kind of ['id_token', 'userinfo', 'authorization', 'introspection']) {
    assert.deepEqual(metadata[`${kind}_encryption_alg_values_supported`], every)
    assert.deepEqual(metadata[`${kind}_encryption_enc_values_supported`], ['A256GCM', 'A128GCM', 'A128CBC-HS256'])
  }
  assert.deepEqual(metadata['request_object_encryption_alg_values_supported'], every.slice(0, 3))
  const keys = await publishedKeys()
  assert.deepEqual(
    keys.map(({ use }) => use),
    ['sig', 'enc'],
  )
  assert.ok(keys.every((key) => !('d' in key)))
})

for (const method of certificateMethods)
  describe(`openid-client, ${method}, ${methods[method].alg} with ${methods[method].enc}`, () => {
    test('OPENID-CORE-M12 RFC9701-J13 ID token, userinfo and introspection are signed, then encrypted to the client', async () => {
      const config = await discovered(method)
      const seen = listening(config)
      const tokens = await flow(config, (parameters) => openid.buildAuthorizationUrl(config, parameters))
      assert.equal(tokens.claims()?.sub, 'ada-1')
      site.assertBound(tokens.access_token, site.clients[method])
      const answer = seen.find((body) => body.includes('"id_token"')) ?? ''
      const { id_token } = JSON.parse(answer) as { readonly id_token: string }
      const { alg, enc } = methods[method]
      const { epk: _, ...header } = decodeProtectedHeader(id_token)
      assert.deepEqual(header, { alg, enc, cty: 'JWT', kid: 'mail' })

      const claims = await openid.fetchUserInfo(config, tokens.access_token, 'ada-1')
      assert.equal(claims.name, 'Ada Lovelace')
      const encrypted = (): number => seen.filter((body) => body.split('.').length === 5 && !body.includes('{')).length
      assert.equal(encrypted(), 1)

      const told = await openid.tokenIntrospection(config, tokens.access_token)
      assert.equal(told.active, true)
      assert.equal(encrypted(), 2)
    })

    test('JARM §2.2: the answer of the authorization endpoint is encrypted, and so is an error', async () => {
      const config = await discovered(method)
      openid.useJwtResponseMode(config)
      const build = (parameters: URLSearchParams): URL => openid.buildAuthorizationUrl(config, parameters)
      const answer = await site.ada(build(await parametersOf(config)))
      assert.equal(answer.searchParams.get('response')?.split('.').length, 5)
      const tokens = await openid.authorizationCodeGrant(config, answer, checks)
      assert.equal(tokens.claims()?.sub, 'ada-1')
      const wrong = await parametersOf(config)
      wrong.set('scope', 'openid payments')
      const refusal = await site.ada(build(wrong))
      assert.equal(refusal.searchParams.get('response')?.split('.').length, 5)
      assert.equal(refusal.searchParams.has('error'), false)
      await assert.rejects(openid.authorizationCodeGrant(config, refusal, checks), { error: 'invalid_scope' })
    })

    test('RFC9101-M11 a request object that is signed, then encrypted to the server, by value and pushed', async () => {
      const config = await discovered(method)
      for (const [alg, enc] of [
        ['ECDH-ES', 'A128GCM'],
        ['ECDH-ES+A128KW', 'A128CBC-HS256'],
        ['ECDH-ES+A256KW', 'A256GCM'],
      ] as const) {
        const encrypted = async (parameters: URLSearchParams): Promise<URL> => {
          const link = await signedLink(config, method, parameters)
          link.searchParams.set('request', await toServer(link.searchParams.get('request') ?? '', { alg, enc }))
          return link
        }
        const tokens = await flow(config, encrypted)
        site.assertBound(tokens.access_token, site.clients[method])
        const pushed = await flow(config, async (parameters) =>
          openid.buildAuthorizationUrlWithPAR(config, (await encrypted(parameters)).searchParams),
        )
        site.assertBound(pushed.access_token, site.clients[method])
      }
    })
  })

test('JOSE a request object that is compressed, unsigned, for another key, cut, or in a way that is not taken is refused', async () => {
  const method = 'tls_client_auth'
  const config = await discovered(method)
  const link = await signedLink(config, method, await parametersOf(config))
  const jws = link.searchParams.get('request') ?? ''
  const usual = { alg: 'ECDH-ES', enc: 'A256GCM' }
  const good = await toServer(jws, usual)
  const parts = good.split('.')
  const headed = (header: object): string =>
    [Buffer.from(JSON.stringify(header)).toString('base64url'), ...parts.slice(1)].join('.')
  const header = decodeProtectedHeader(good)
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }) as JWK
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${jws.split('.')[1]}.`
  const refused: readonly (readonly [string, string])[] = [
    ['compressed', headed({ ...header, zip: 'DEF' })],
    ['with an extension that must be understood', headed({ ...header, crit: ['b64'], b64: true })],
    ['RSA1_5', headed({ ...header, alg: 'RSA1_5' })],
    ['a password', headed({ ...header, alg: 'PBES2-HS256+A128KW', p2c: 1_000_000_000, p2s: 'AAAA' })],
    ['a shared key', headed({ ...header, alg: 'dir' })],
    ['an encoding that is not taken', headed({ ...header, enc: 'A192GCM' })],
    ['another header than it was made with', headed({ ...header, typ: 'x' })],
    ['an unknown key', await toServer(jws, { ...usual, kid: 'nobody' })],
    ['another key', await toServer(jws, usual, stranger)],
    ['cut', good.slice(0, -4)],
    ['unsigned inside', await toServer(unsigned, usual)],
    ['encrypted twice', await toServer(good, usual)],
    ['too long', await toServer('x'.repeat(40_000), usual)],
  ]
  for (const [what, request] of refused) {
    const answer = await pushed(method, { client_id: method, request })
    assert.equal(answer.status, 400, what)
    assert.equal(answer.error, 'invalid_request_object', what)
  }
  assert.equal((await pushed(method, { client_id: method, request: good })).status, 201)
})

const verifier = openid.randomPKCECodeVerifier()
const checks = { pkceCodeVerifier: verifier, expectedState: 'state-1', expectedNonce: 'nonce-1', idTokenExpected: true }

async function discovered(method: Method): Promise<openid.Configuration> {
  const { id, fetch, redirectUri } = site.clients[method]
  const { alg, enc, pair } = methods[method]
  const metadata = {
    use_mtls_endpoint_aliases: true,
    redirect_uris: [redirectUri],
    introspection_signed_response_alg: 'ES256',
    userinfo_signed_response_alg: 'ES256',
  }
  const options = { [openid.customFetch]: fetch }
  const config = await openid.discovery(site.issuer, id, metadata, openid.TlsClientAuth(), options)
  config[openid.customFetch] = fetch
  openid.enableNonRepudiationChecks(config)
  const key = (await importJWK(pair.privateKey.export({ format: 'jwk' }) as JWK, alg)) as JoseKey
  openid.enableDecryptingResponses(config, [enc], { key, kid: 'mail', alg })
  return config
}

async function parametersOf(config: openid.Configuration): Promise<URLSearchParams> {
  return new URLSearchParams({
    redirect_uri: String((config.clientMetadata()['redirect_uris'] as readonly string[])[0]),
    scope: 'openid profile offline_access orders:read',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    prompt: 'consent',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
}

function signedLink(config: openid.Configuration, method: Method, parameters: URLSearchParams): Promise<URL> {
  const { key, kid } = site.clients[method]
  return openid.buildAuthorizationUrlWithJAR(config, parameters, { key, kid })
}

async function flow(
  config: openid.Configuration,
  build: (parameters: URLSearchParams) => URL | Promise<URL>,
): Promise<openid.TokenEndpointResponse & openid.TokenEndpointResponseHelpers> {
  const answer = await site.ada(await build(await parametersOf(config)))
  return openid.authorizationCodeGrant(config, answer, checks)
}

/** The bodies that the library gets, the latest last. */
function listening(config: openid.Configuration): string[] {
  const bodies: string[] = []
  const ask = config[openid.customFetch] as (url: string, init: object) => Promise<Response>
  config[openid.customFetch] = async (url, init) => {
    const answer = await ask(url, init)
    const body = await answer.text()
    bodies.push(body)
    return new Response(body, { status: answer.status, headers: answer.headers })
  }
  return bodies
}

async function publishedKeys(): Promise<readonly JWK[]> {
  return (await site.server.send({ path: '/jwks' })).json['keys'] as readonly JWK[]
}

async function toServer(
  jws: string,
  header: { readonly alg: string; readonly enc: string; readonly kid?: string },
  to?: JWK,
): Promise<string> {
  const own = (await publishedKeys()).find(({ use }) => use === 'enc')
  assert.ok(own)
  const key = await importJWK(to ?? own, header.alg)
  return new CompactEncrypt(Buffer.from(jws))
    .setProtectedHeader({ kid: String(own.kid), cty: 'oauth-authz-req+jwt', ...header })
    .encrypt(key)
}

async function pushed(
  method: Method,
  form: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly error: unknown }> {
  const { certificate } = site.clients[method]
  const { status, json } = await site.server.post('/par', form, { certificate })
  return { status, error: json['error'] }
}
