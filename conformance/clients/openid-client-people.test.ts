import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as openid from 'openid-client'
import { certificateMethods } from './certificate-methods.ts'
import { grantAssertion } from './grant-assertion.ts'
import { accessTokenType, grantTypes, startPeopleSite } from './people-site.ts'
import type { PeopleClientName, PeopleSite } from './people-site.ts'

const cleanUps: (() => unknown)[] = []
let site: PeopleSite

before(async () => {
  site = await startPeopleSite({ after: (cleanUp) => void cleanUps.push(cleanUp) })
})
after(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

test('RFC8705-M22 openid-client discovers aliases for all that clients do themselves, none for where people go', async () => {
  const { mtls_endpoint_aliases: aliases } = (await discovered('tls_client_auth')).serverMetadata()
  assert.deepEqual(Object.keys(aliases ?? {}).toSorted(), [
    'backchannel_authentication_endpoint',
    'device_authorization_endpoint',
    'introspection_endpoint',
    'pushed_authorization_request_endpoint',
    'registration_endpoint',
    'revocation_endpoint',
    'token_endpoint',
    'userinfo_endpoint',
  ])
  for (const url of Object.values(aliases ?? {})) assert.equal(new URL(String(url)).host, 'mtls.as.test')
})

for (const method of certificateMethods)
  describe(`openid-client, ${method}`, () => {
    test('RFC8705-M21 code flow with PKCE: a validated ID token, tokens bound to the certificate', async () => {
      const config = await discovered(method)
      const { tokens } = await flow(config, method)
      assert.equal(tokens.claims()?.sub, 'ada-1')
      assert.equal(tokens.claims()?.aud, method)
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('the ID token of the back channel is signed by a published key', async () => {
      const config = await discovered(method)
      openid.enableNonRepudiationChecks(config)
      const { tokens } = await flow(config, method)
      assert.equal(tokens.claims()?.nonce, checks.expectedNonce)
      assert.ok(openid.getJwksCache(config), 'the library asked for the keys')
    })

    test('userinfo over the alias; the token is nothing without its certificate', async () => {
      const config = await discovered(method)
      const { tokens } = await flow(config, method)
      const claims = await openid.fetchUserInfo(config, tokens.access_token, 'ada-1')
      assert.equal(claims.name, 'Ada Lovelace')
      const thief = await discovered('api')
      await assert.rejects(openid.fetchUserInfo(thief, tokens.access_token, 'ada-1'), hasStatus(401))
    })

    test('refresh: bound again, for the same person', async () => {
      const config = await discovered(method)
      const { tokens } = await flow(config, method)
      const next = await openid.refreshTokenGrant(config, String(tokens.refresh_token))
      site.assertBound(next.access_token, site.clients[method])
      assert.notEqual(next.access_token, tokens.access_token)
      assert.equal(next.claims()?.sub, 'ada-1')
    })

    test('PAR: the request is pushed over the alias, the browser carries a reference', async () => {
      const config = await discovered(method)
      const { tokens } = await flow(config, method, {}, (parameters) =>
        openid.buildAuthorizationUrlWithPAR(config, parameters),
      )
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('JAR: a signed request object, by value and pushed', async () => {
      const config = await discovered(method)
      const { key, kid } = site.clients[method]
      const signed = (parameters: URLSearchParams): Promise<URL> =>
        openid.buildAuthorizationUrlWithJAR(config, parameters, { key, kid })
      const { link } = await flow(config, method, {}, signed)
      assert.deepEqual([...link.searchParams.keys()].sort(), ['client_id', 'request'])
      await flow(config, method, {}, async (parameters) =>
        openid.buildAuthorizationUrlWithPAR(config, (await signed(parameters)).searchParams),
      )
    })

    test('JARM: the answer is a JWT that the library verifies', async () => {
      const config = await discovered(method)
      openid.useJwtResponseMode(config)
      const { answer, tokens } = await flow(config, method)
      assert.deepEqual([...(answer as URL).searchParams.keys()], ['response'])
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('response_mode=form_post: a form with a button carries the answer', async () => {
      const config = await discovered(method)
      const { tokens } = await flow(config, method, { response_mode: 'form_post' }, undefined, (link) =>
        site.adaPosts(link),
      )
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('code id_token: the ID token of the front channel is a detached signature of the answer', async () => {
      const config = await discovered(method)
      openid.useCodeIdTokenResponseType(config)
      openid.enableDetachedSignatureResponseChecks(config)
      const { answer, tokens } = await flow(config, method)
      assert.match((answer as URL).hash, /id_token=/)
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('DPoP with a nonce: the certificate authenticates, the key binds', async () => {
      const config = await discovered(method)
      const pair = await openid.randomDPoPKeyPair()
      const DPoP = openid.getDPoPHandle(config, pair)
      const { tokens } = await flow(
        config,
        method,
        { dpop_jkt: await DPoP.calculateThumbprint() },
        undefined,
        undefined,
        { DPoP },
      )
      assert.equal(tokens.token_type, 'dpop')
      site.assertBound(tokens.access_token, { jkt: await DPoP.calculateThumbprint() })
      const claims = await openid.fetchUserInfo(config, tokens.access_token, 'ada-1', { DPoP })
      assert.equal(claims.name, 'Ada Lovelace')
      await assert.rejects(openid.fetchUserInfo(config, tokens.access_token, 'ada-1'), hasStatus(401))
      const next = await openid.refreshTokenGrant(config, String(tokens.refresh_token), undefined, { DPoP })
      site.assertBound(next.access_token, { jkt: await DPoP.calculateThumbprint() })
    })

    test('device flow: Ada enters the code, the poll brings bound tokens', async () => {
      const config = await discovered(method)
      const device = await openid.initiateDeviceAuthorization(config, { scope: 'openid orders:read' })
      await site.adaEnters(device.user_code)
      const tokens = await openid.pollDeviceAuthorizationGrant(config, device)
      assert.equal(tokens.claims()?.sub, 'ada-1')
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('CIBA, poll: Ada approves, the poll brings bound tokens', async () => {
      const config = await discovered(method)
      const binding_message = method === 'tls_client_auth' ? 'PKI-7' : 'SELF-7'
      const asked = await openid.initiateBackchannelAuthentication(config, {
        scope: 'openid orders:read',
        login_hint: 'ada',
        binding_message,
      })
      await site.adaApproves(binding_message)
      const tokens = await openid.pollBackchannelAuthenticationGrant(config, asked)
      assert.equal(tokens.claims()?.sub, 'ada-1')
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('token exchange: an API exchanges what it was sent, bound to its own certificate', async () => {
      const { tokens } = await flow(await discovered(method), method)
      const api = await discovered('api')
      const exchanged = await openid.genericGrantRequest(api, grantTypes.exchange, {
        subject_token: tokens.access_token,
        subject_token_type: accessTokenType,
      })
      site.assertBound(exchanged.access_token, site.clients.api)
      assert.equal(exchanged['issued_token_type'], accessTokenType)
    })

    test('JWT bearer: an assertion of a registered issuer becomes a bound token', async () => {
      const config = await discovered(method)
      const tokens = await openid.genericGrantRequest(config, grantTypes.jwtBearer, {
        assertion: grantAssertion(site),
        scope: 'orders:read',
      })
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('introspection as JSON and as a signed JWT, then revocation', async () => {
      const config = await discovered(method)
      const signed = await discovered(method, { introspection_signed_response_alg: 'ES256' })
      openid.enableNonRepudiationChecks(signed)
      const { tokens } = await flow(config, method)
      for (const asking of [config, signed]) {
        const told = await openid.tokenIntrospection(asking, tokens.access_token)
        assert.equal(told.active, true)
        assert.equal(told.sub, 'ada-1')
        assert.deepEqual(told.cnf, { 'x5t#S256': site.clients[method].certificate.thumbprint })
      }
      await openid.tokenRevocation(config, String(tokens.refresh_token))
      assert.equal((await openid.tokenIntrospection(config, tokens.access_token)).active, false)
      await assert.rejects(openid.refreshTokenGrant(config, String(tokens.refresh_token)), { error: 'invalid_grant' })
    })

    test('RP-initiated logout: back at the client, and the session is over', async () => {
      const config = await discovered(method)
      const browser = await site.browser()
      const link = openid.buildAuthorizationUrl(config, await parametersOf(method))
      const page = await browser.open(link.pathname + link.search)
      const done = page.elsewhere ?? (await browser.press(page, 'allow')).elsewhere
      assert.ok(done)
      const tokens = await openid.authorizationCodeGrant(config, done, { ...checks, idTokenExpected: true })
      const logout = openid.buildEndSessionUrl(config, {
        id_token_hint: String(tokens.id_token),
        post_logout_redirect_uri: 'https://client.test/bye',
        state: 'bye',
      })
      assert.equal(logout.host, 'as.test')
      let left = await browser.open(logout.pathname + logout.search)
      if (left.elsewhere === undefined && left.text.includes('id="submit"')) left = await browser.press(left, 'submit')
      assert.equal(left.elsewhere?.href, 'https://client.test/bye?state=bye', left.text)
      assert.match((await browser.open('/account')).text, /<h1>Log in<\/h1>/)
    })
  })

describe('openid-client, without client authentication', () => {
  test('RFC8705-M20 a public client: tokens bound to its certificate, refresh tokens rotated', async () => {
    const config = await discovered('public')
    const { tokens } = await flow(config, 'public')
    site.assertBound(tokens.access_token, site.clients.public)
    const next = await openid.refreshTokenGrant(config, String(tokens.refresh_token))
    site.assertBound(next.access_token, site.clients.public)
    assert.notEqual(next.refresh_token, tokens.refresh_token)
    config[openid.customFetch] = site.clients.api.fetch
    await assert.rejects(openid.refreshTokenGrant(config, String(next.refresh_token)), { error: 'invalid_grant' })
  })
})

describe('openid-client registers itself', () => {
  test('dynamic registration over mutual TLS, the first bound token, and the registration is read, changed and deleted', async () => {
    const { fetch, certificate } = site.clients.api
    const record = {
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: 'api.test',
      tls_client_certificate_bound_access_tokens: true,
      use_mtls_endpoint_aliases: true,
      grant_types: ['client_credentials'],
      response_types: [],
      scope: 'orders:read',
    }
    const config = await openid.dynamicClientRegistration(site.issuer, record, openid.TlsClientAuth(), {
      initialAccessToken: site.registrationToken,
      [openid.customFetch]: fetch,
    })
    config[openid.customFetch] = fetch
    const { client_id, registration_client_uri, registration_access_token } = config.clientMetadata() as Record<
      string,
      string
    >
    const token = await openid.clientCredentialsGrant(config)
    site.assertBound(token.access_token, { certificate })
    const manage = (method: string, document?: object): Promise<Response> =>
      openid.fetchProtectedResource(
        config,
        String(registration_access_token),
        new URL(String(registration_client_uri)),
        method,
        document === undefined ? undefined : JSON.stringify(document),
        new Headers(document === undefined ? {} : { 'content-type': 'application/json' }),
      )
    assert.equal(((await (await manage('GET')).json()) as { client_id: string }).client_id, client_id)
    const { use_mtls_endpoint_aliases: _, ...kept } = record
    const changed = await manage('PUT', { ...kept, client_id, client_name: 'Changed' })
    assert.equal(((await changed.json()) as { client_name: string }).client_name, 'Changed')
    assert.equal((await manage('DELETE')).status, 204)
    await assert.rejects(openid.clientCredentialsGrant(config), { error: 'invalid_client' })
  })
})

const verifier = openid.randomPKCECodeVerifier()
const checks = { pkceCodeVerifier: verifier, expectedState: 'state-1', expectedNonce: 'nonce-1', idTokenExpected: true }

async function discovered(name: PeopleClientName, more: object = {}): Promise<openid.Configuration> {
  const { id, fetch, redirectUri } = site.clients[name]
  const metadata = { use_mtls_endpoint_aliases: true, redirect_uris: [redirectUri], ...more }
  const authentication = name === 'public' ? openid.None() : openid.TlsClientAuth()
  const config = await openid.discovery(site.issuer, id, metadata, authentication, { [openid.customFetch]: fetch })
  config[openid.customFetch] = fetch
  return config
}

async function parametersOf(name: PeopleClientName, more: object = {}): Promise<URLSearchParams> {
  return new URLSearchParams({
    redirect_uri: site.clients[name].redirectUri,
    scope: 'openid profile offline_access orders:read',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    prompt: 'consent',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  })
}

/** Builds a link, sends Ada, redeems what comes back. */
async function flow(
  config: openid.Configuration,
  name: PeopleClientName,
  more: object = {},
  build: (parameters: URLSearchParams) => URL | Promise<URL> = (parameters) =>
    openid.buildAuthorizationUrl(config, parameters),
  ada: (link: URL) => Promise<URL | Request> = (link) => site.ada(link),
  options: openid.DPoPOptions = {},
): Promise<{
  readonly link: URL
  readonly answer: URL | Request
  readonly tokens: openid.TokenEndpointResponse & openid.TokenEndpointResponseHelpers
}> {
  const link = await build(await parametersOf(name, more))
  const answer = await ada(link)
  const tokens = await openid.authorizationCodeGrant(config, answer, checks, undefined, options)
  return { link, answer, tokens }
}

function hasStatus(status: number): (error: unknown) => boolean {
  return (error) => {
    const { status: own, cause } = error as { readonly status?: number; readonly cause?: { readonly status?: number } }
    assert.equal(own ?? cause?.status, status)
    return true
  }
}
