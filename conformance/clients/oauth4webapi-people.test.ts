import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { certificateMethods } from './certificate-methods.ts'
import { grantAssertion } from './grant-assertion.ts'
import { accessTokenType, grantTypes, startPeopleSite } from './people-site.ts'
import type { PeopleClientName, PeopleSite } from './people-site.ts'

const cleanUps: (() => unknown)[] = []
let site: PeopleSite
let as: oauth.AuthorizationServer

before(async () => {
  site = await startPeopleSite({ after: (cleanUp) => void cleanUps.push(cleanUp) })
  const request = await oauth.discoveryRequest(site.issuer, fetchOf('tls_client_auth'))
  as = await oauth.processDiscoveryResponse(site.issuer, request)
})
after(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

for (const method of certificateMethods)
  describe(`oauth4webapi, ${method}`, () => {
    test('RFC8705-M21 code flow with PKCE: a validated ID token, tokens bound to the certificate', async () => {
      const { tokens } = await flow(method)
      assert.equal(oauth.getValidatedIdTokenClaims(tokens)?.sub, 'ada-1')
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('the ID token of the back channel is signed by a published key', async () => {
      const read = oauth.validateAuthResponse(
        as,
        client(method),
        await site.ada(linkWith(await parametersOf(method))),
        state,
      )
      const answer = await oauth.authorizationCodeGrantRequest(
        as,
        client(method),
        authentication(method),
        read,
        site.clients[method].redirectUri,
        verifier,
        fetchOf(method),
      )
      const options = { expectedNonce: nonce, requireIdToken: true }
      await oauth.processAuthorizationCodeResponse(as, client(method), answer, options)
      await oauth.validateApplicationLevelSignature(as, answer, fetchOf(method))
    })

    test('userinfo over the alias; the token is nothing without its certificate', async () => {
      const { tokens } = await flow(method)
      const request = await oauth.userInfoRequest(as, client(method), tokens.access_token, fetchOf(method))
      const claims = await oauth.processUserInfoResponse(as, client(method), 'ada-1', request)
      assert.equal(claims.name, 'Ada Lovelace')
      const thief = await oauth.userInfoRequest(as, client(method), tokens.access_token, fetchOf('api'))
      assert.equal(thief.status, 401)
      await assert.rejects(
        oauth.processUserInfoResponse(as, client(method), 'ada-1', thief),
        oauth.WWWAuthenticateChallengeError,
      )
    })

    test('refresh: bound again, for the same person', async () => {
      const { tokens } = await flow(method)
      const next = await refreshed(method, tokens)
      site.assertBound(next.access_token, site.clients[method])
      assert.equal(oauth.getValidatedIdTokenClaims(next)?.sub, 'ada-1')
    })

    test('PAR: the request is pushed over the alias, the browser carries a reference', async () => {
      const { tokens } = await flow(method, { link: (parameters) => pushed(method, parameters) })
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('JAR: a signed request object, by value and pushed', async () => {
      const { key, kid } = site.clients[method]
      const signed = async (parameters: URLSearchParams): Promise<URLSearchParams> =>
        new URLSearchParams({
          client_id: method,
          request: await oauth.issueRequestObject(as, client(method), parameters, { key, kid }),
        })
      await flow(method, { link: async (parameters) => linkWith(await signed(parameters)) })
      await flow(method, { link: async (parameters) => pushed(method, await signed(parameters)) })
    })

    test('JARM: the answer is a JWT that the library verifies', async () => {
      const { tokens } = await flow(method, {
        more: { response_mode: 'query.jwt' },
        read: (answer) =>
          oauth.validateJwtAuthResponse(as, client(method), answer.searchParams, state, fetchOf(method)),
      })
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('response_mode=form_post: a form with a button carries the answer', async () => {
      const link = linkWith(await parametersOf(method, { response_mode: 'form_post' }))
      const body = await (await site.adaPosts(link)).text()
      const read = oauth.validateAuthResponse(as, client(method), new URLSearchParams(body), state)
      site.assertBound((await redeemed(method, read)).access_token, site.clients[method])
    })

    test('code id_token: the ID token of the front channel is a detached signature of the answer', async () => {
      const { tokens } = await flow(method, {
        more: { response_type: 'code id_token' },
        read: (answer) =>
          oauth.validateDetachedSignatureResponse(
            as,
            client(method),
            new URLSearchParams(answer.hash.slice(1)),
            nonce,
            state,
            undefined,
            fetchOf(method),
          ),
      })
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('DPoP with a nonce: the certificate authenticates, the key binds', async () => {
      const DPoP = oauth.DPoP(client(method), await oauth.generateKeyPair('ES256'))
      const jkt = await DPoP.calculateThumbprint()
      const link = linkWith(await parametersOf(method, { dpop_jkt: jkt }))
      const read = oauth.validateAuthResponse(as, client(method), await site.ada(link), state)
      // The first try brings the nonce (RFC 9449 §8), and uses the code up as little as it uses anything.
      const first = redeemed(method, read, { DPoP })
      await assert.rejects(first, (error) => oauth.isDPoPNonceError(error))
      const tokens = await redeemed(method, read, { DPoP })
      assert.equal(tokens.token_type, 'dpop')
      site.assertBound(tokens.access_token, { jkt })
      const options = { DPoP, ...fetchOf(method) }
      const answer = await oauth.userInfoRequest(as, client(method), tokens.access_token, options)
      const claims = await oauth.processUserInfoResponse(as, client(method), 'ada-1', answer)
      assert.equal(claims.name, 'Ada Lovelace')
      const stolen = await oauth.userInfoRequest(as, client(method), tokens.access_token, fetchOf(method))
      assert.equal(stolen.status, 401)
      site.assertBound((await refreshed(method, tokens, { DPoP })).access_token, { jkt })
    })

    test('device flow: Ada enters the code, the device collects bound tokens', async () => {
      const parameters = { scope: 'openid orders:read' }
      const asked = await oauth.processDeviceAuthorizationResponse(
        as,
        client(method),
        await oauth.deviceAuthorizationRequest(as, client(method), authentication(method), parameters, fetchOf(method)),
      )
      await site.adaEnters(asked.user_code)
      const answer = await oauth.deviceCodeGrantRequest(
        as,
        client(method),
        authentication(method),
        asked.device_code,
        fetchOf(method),
      )
      const tokens = await oauth.processDeviceCodeResponse(as, client(method), answer)
      assert.equal(oauth.getValidatedIdTokenClaims(tokens)?.sub, 'ada-1')
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('CIBA, poll: pending until Ada approves, then bound tokens', async () => {
      const binding_message = method === 'tls_client_auth' ? 'PKI-8' : 'SELF-8'
      const parameters = { scope: 'openid orders:read', login_hint: 'ada', binding_message }
      const asked = await oauth.processBackchannelAuthenticationResponse(
        as,
        client(method),
        await oauth.backchannelAuthenticationRequest(
          as,
          client(method),
          authentication(method),
          parameters,
          fetchOf(method),
        ),
      )
      await site.adaApproves(binding_message)
      const answer = await oauth.backchannelAuthenticationGrantRequest(
        as,
        client(method),
        authentication(method),
        asked.auth_req_id,
        fetchOf(method),
      )
      const tokens = await oauth.processBackchannelAuthenticationGrantResponse(as, client(method), answer)
      assert.equal(oauth.getValidatedIdTokenClaims(tokens)?.sub, 'ada-1')
      site.assertBound(tokens.access_token, site.clients[method])
    })

    test('token exchange: an API exchanges what it was sent, bound to its own certificate', async () => {
      const { tokens } = await flow(method)
      const exchanged = await generic('api', grantTypes.exchange, {
        subject_token: tokens.access_token,
        subject_token_type: accessTokenType,
      })
      site.assertBound(exchanged.access_token, site.clients.api)
      assert.equal(exchanged['issued_token_type'], accessTokenType)
    })

    test('JWT bearer: an assertion of a registered issuer becomes a bound token', async () => {
      const assertion = grantAssertion(site)
      const tokens = await generic(method, grantTypes.jwtBearer, { assertion, scope: 'orders:read' })
      site.assertBound(tokens.access_token, site.clients[method])
      await assert.rejects(generic(method, grantTypes.jwtBearer, { assertion }), { error: 'invalid_grant' })
    })

    test('introspection as JSON and as a signed JWT, then revocation', async () => {
      const { tokens } = await flow(method)
      for (const requestJwtResponse of [false, true]) {
        const told = await introspected(method, tokens.access_token, requestJwtResponse)
        assert.equal(told.active, true)
        assert.equal(told.sub, 'ada-1')
        assert.deepEqual(told.cnf, { 'x5t#S256': site.clients[method].certificate.thumbprint })
      }
      const token = String(tokens.refresh_token)
      await oauth.processRevocationResponse(
        await oauth.revocationRequest(as, client(method), authentication(method), token, fetchOf(method)),
      )
      assert.equal((await introspected(method, tokens.access_token, true)).active, false)
      await assert.rejects(refreshed(method, tokens), { error: 'invalid_grant' })
    })
  })

describe('oauth4webapi, without client authentication', () => {
  test('RFC8705-M20 a public client: tokens bound to its certificate, refresh tokens rotated', async () => {
    const { tokens } = await flow('public')
    site.assertBound(tokens.access_token, site.clients.public)
    const next = await refreshed('public', tokens)
    site.assertBound(next.access_token, site.clients.public)
    assert.notEqual(next.refresh_token, tokens.refresh_token)
    await assert.rejects(refreshed('public', next, fetchOf('api')), { error: 'invalid_grant' })
  })
})

describe('oauth4webapi registers itself', () => {
  test('dynamic registration over mutual TLS, the first bound token, and the registration is read, changed and deleted', async () => {
    const record = {
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      jwks: { keys: [site.clients.self_signed_tls_client_auth.jwk] },
      tls_client_certificate_bound_access_tokens: true,
      use_mtls_endpoint_aliases: true,
      grant_types: ['client_credentials'],
      response_types: [],
      scope: 'orders:read',
    }
    // Whoever registers shows a certificate of the trust; the client that it registers has another.
    const registered = await oauth.processDynamicClientRegistrationResponse(
      await oauth.dynamicClientRegistrationRequest(as, record, {
        initialAccessToken: site.registrationToken,
        ...fetchOf('api'),
      }),
    )
    assert.equal(registered.use_mtls_endpoint_aliases, true)
    const options = fetchOf('self_signed_tls_client_auth')
    const answer = await oauth.clientCredentialsGrantRequest(as, registered, oauth.TlsClientAuth(), {}, options)
    const token = await oauth.processClientCredentialsResponse(as, registered, answer)
    site.assertBound(token.access_token, site.clients.self_signed_tls_client_auth)

    const { client_id, registration_access_token, registration_client_uri } = registered as unknown as Record<
      'client_id' | 'registration_access_token' | 'registration_client_uri',
      string
    >
    const manage = (method: string, document?: object): Promise<Response> =>
      oauth.protectedResourceRequest(
        registration_access_token,
        method,
        new URL(registration_client_uri),
        new Headers(document === undefined ? {} : { 'content-type': 'application/json' }),
        document === undefined ? undefined : JSON.stringify(document),
        fetchOf('api'),
      )
    assert.equal(((await (await manage('GET')).json()) as { client_id: string }).client_id, client_id)
    const changed = await manage('PUT', { ...record, client_id, client_name: 'Changed' })
    assert.equal(((await changed.json()) as { client_name: string }).client_name, 'Changed')
    assert.equal((await manage('DELETE')).status, 204)
    const late = await oauth.clientCredentialsGrantRequest(as, registered, oauth.TlsClientAuth(), {}, options)
    await assert.rejects(oauth.processClientCredentialsResponse(as, registered, late), { error: 'invalid_client' })
  })
})

const verifier = oauth.generateRandomCodeVerifier()
const [state, nonce] = ['state-1', 'nonce-1']

function client(name: PeopleClientName): oauth.Client {
  return { client_id: name, use_mtls_endpoint_aliases: true }
}

function authentication(name: PeopleClientName): oauth.ClientAuth {
  return name === 'public' ? oauth.None() : oauth.TlsClientAuth()
}

function fetchOf(name: PeopleClientName): { [oauth.customFetch]: PeopleSite['clients']['api']['fetch'] } {
  return { [oauth.customFetch]: site.clients[name].fetch }
}

async function parametersOf(name: PeopleClientName, more: object = {}): Promise<URLSearchParams> {
  return new URLSearchParams({
    client_id: name,
    response_type: 'code',
    redirect_uri: site.clients[name].redirectUri,
    scope: 'openid profile offline_access orders:read',
    state,
    nonce,
    prompt: 'consent',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  })
}

function linkWith(parameters: URLSearchParams): URL {
  return new URL(`${as.authorization_endpoint}?${parameters.toString()}`)
}

async function pushed(name: PeopleClientName, parameters: URLSearchParams): Promise<URL> {
  const answer = await oauth.pushedAuthorizationRequest(
    as,
    client(name),
    authentication(name),
    parameters,
    fetchOf(name),
  )
  const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client(name), answer)
  return linkWith(new URLSearchParams({ client_id: name, request_uri }))
}

interface Flow {
  readonly more?: object
  readonly link?: (parameters: URLSearchParams) => URL | Promise<URL>
  readonly read?: (answer: URL) => URLSearchParams | Promise<URLSearchParams>
}

/** Builds a link, sends Ada, redeems what comes back. */
async function flow(
  name: PeopleClientName,
  {
    more = {},
    link = linkWith,
    read = (answer) => oauth.validateAuthResponse(as, client(name), answer, state),
  }: Flow = {},
): Promise<{ readonly tokens: oauth.TokenEndpointResponse }> {
  const answer = await site.ada(await link(await parametersOf(name, more)))
  return { tokens: await redeemed(name, await read(answer)) }
}

async function redeemed(
  name: PeopleClientName,
  read: URLSearchParams,
  options: { readonly DPoP?: oauth.DPoPHandle } = {},
): Promise<oauth.TokenEndpointResponse> {
  const answer = await oauth.authorizationCodeGrantRequest(
    as,
    client(name),
    authentication(name),
    read,
    site.clients[name].redirectUri,
    verifier,
    { ...fetchOf(name), ...options },
  )
  return oauth.processAuthorizationCodeResponse(as, client(name), answer, {
    expectedNonce: nonce,
    requireIdToken: true,
  })
}

async function refreshed(
  name: PeopleClientName,
  { refresh_token }: oauth.TokenEndpointResponse,
  options: object = {},
): Promise<oauth.TokenEndpointResponse> {
  const answer = await oauth.refreshTokenGrantRequest(as, client(name), authentication(name), String(refresh_token), {
    ...fetchOf(name),
    ...options,
  })
  return oauth.processRefreshTokenResponse(as, client(name), answer)
}

async function generic(
  name: PeopleClientName,
  grantType: string,
  parameters: Record<string, string>,
): Promise<oauth.TokenEndpointResponse> {
  const answer = await oauth.genericTokenEndpointRequest(
    as,
    client(name),
    authentication(name),
    grantType,
    parameters,
    fetchOf(name),
  )
  return oauth.processGenericTokenEndpointResponse(as, client(name), answer)
}

async function introspected(
  name: PeopleClientName,
  token: string,
  requestJwtResponse: boolean,
): Promise<oauth.IntrospectionResponse> {
  const answer = await oauth.introspectionRequest(as, client(name), authentication(name), token, {
    requestJwtResponse,
    ...fetchOf(name),
  })
  const type = requestJwtResponse ? 'application/token-introspection+jwt' : 'application/json'
  assert.match(answer.headers.get('content-type') ?? '', new RegExp(`^${type.replace('+', '\\+')}`))
  return oauth.processIntrospectionResponse(as, client(name), answer)
}
