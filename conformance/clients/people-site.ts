import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { clientSecretHash } from '@holdfast/server'
import { createSelfSignedCertificate } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import { Agent, buildConnector, fetch as undiciFetch } from 'undici'
import { claimsOf, startTestServer } from '../../packages/server/conformance/test-server.ts'
import type { TestServer } from '../../packages/server/conformance/test-server.ts'
import { createFapiBrowser, formWith } from '../fapi/fapi-browser.ts'
import type { FapiBrowser, FapiPage } from '../fapi/fapi-browser.ts'

/** A started server with one person, and clients for everything that client libraries know. */
export interface PeopleSite {
  readonly server: TestServer
  readonly issuer: URL
  /** By the client's identifier. */
  readonly clients: Readonly<Record<PeopleClientName, PeopleClient>>
  readonly registrationToken: string
  /** Ada, logged in, follows the link without JavaScript, and allows what she is asked. The answer to the client. */
  ada(link: URL): Promise<URL>
  /** The same where the answer is a form that her browser posts to the client. */
  adaPosts(link: URL): Promise<Request>
  /** Ada enters the code that a device shows her. */
  adaEnters(userCode: string): Promise<void>
  /** Ada approves what is told by this message. */
  adaApproves(message: string): Promise<void>
  /** Another browser in which Ada is logged in. */
  browser(): Promise<FapiBrowser>
  assertBound(token: string, to: { readonly certificate: TestCertificate } | { readonly jkt: string }): void
  /** A grant assertion of the issuer whom the clients registered (RFC 7523). */
  readonly assertionKey: KeyObject
}

/** The certificate methods, a client without authentication but with a certificate, an API, and one more. */
export type PeopleClientName = 'tls_client_auth' | 'self_signed_tls_client_auth' | 'public' | 'api'

export interface PeopleClient {
  readonly id: string
  readonly redirectUri: string
  readonly certificate: TestCertificate
  /** Its certificate as RFC 8705 §2.2.2 registers it: a key with `x5c`. */
  readonly jwk: object
  /** What it signs request objects with. */
  readonly key: CryptoKey
  readonly kid: string
  /** `fetch` with its certificate, where the site's names lead to the server. */
  readonly fetch: (url: string, init?: object) => Promise<Response>
}

export const grantTypes = {
  device: 'urn:ietf:params:oauth:grant-type:device_code',
  ciba: 'urn:openid:params:grant-type:ciba',
  exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  jwtBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
} as const
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
export const assertionIssuer = 'https://partner.test'

/** What a site has besides. */
export interface PeopleSiteWishes {
  /** Members of `tokens` and `keys`. */
  readonly tokens?: object
  readonly keys?: object
  /** Of the clients that authenticate by certificate, by their identifier. */
  readonly clients?: Readonly<Partial<Record<PeopleClientName, { readonly members: object; readonly key: object }>>>
}

/** Starts it. All clients ask the server at its names, over real handshakes. */
export async function startPeopleSite(
  t: { after(cleanUp: () => unknown): void },
  wishes: PeopleSiteWishes = {},
): Promise<PeopleSite> {
  const pair = (): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const partner = pair()
  const signing = pair()
  const selfSigned = createSelfSignedCertificate({ commonName: 'self-signed' })
  const phone = createSelfSignedCertificate({ commonName: 'phone' })
  const jwk = { ...signing.publicKey.export({ format: 'jwk' }), kid: 'requests', use: 'sig', alg: 'ES256' }
  const person = {
    token_endpoint_auth_method: 'none',
    tls_client_certificate_bound_access_tokens: true,
    redirect_uris: ['https://client.test/cb'],
    post_logout_redirect_uris: ['https://client.test/bye'],
    response_types: ['code', 'code id_token'],
    grant_types: ['authorization_code', 'refresh_token', grantTypes.device],
    scope: 'openid profile offline_access orders:read',
    // Introspected by whoever got them.
    introspection_audience: ['https://as.test'],
  }
  const confidential = {
    ...person,
    grant_types: [...person.grant_types, grantTypes.ciba, grantTypes.exchange, grantTypes.jwtBearer],
    backchannel_token_delivery_mode: 'poll',
    assertion_issuers: [
      {
        issuer: assertionIssuer,
        jwks: { keys: [{ ...partner.publicKey.export({ format: 'jwk' }), kid: 'partner', alg: 'ES256' }] },
      },
    ],
  }
  const wished = (name: PeopleClientName): readonly object[] => {
    const key = wishes.clients?.[name]?.key
    return key === undefined ? [] : [key]
  }
  const password_hash = await clientSecretHash(password)
  const server = await startTestServer(
    t,
    {
      clients: [
        {
          ...confidential,
          client_id: 'tls_client_auth',
          token_endpoint_auth_method: 'tls_client_auth',
          tls_client_auth_san_dns: 'client.test',
          trust: 'partners',
          ...wishes.clients?.tls_client_auth?.members,
          jwks: { keys: [jwk, ...wished('tls_client_auth')] },
        },
        {
          ...confidential,
          client_id: 'self_signed_tls_client_auth',
          token_endpoint_auth_method: 'self_signed_tls_client_auth',
          ...wishes.clients?.self_signed_tls_client_auth?.members,
          jwks: { keys: [certified(selfSigned), jwk, ...wished('self_signed_tls_client_auth')] },
        },
        { ...person, client_id: 'public' },
        {
          client_id: 'api',
          token_endpoint_auth_method: 'tls_client_auth',
          tls_client_auth_san_dns: 'api.test',
          trust: 'partners',
          grant_types: [grantTypes.exchange],
          scope: 'orders:read',
          resource: ['https://stock.test'],
          introspection_audience: ['https://as.test'],
        },
      ],
      more: {
        people: {
          users: [{ subject: 'ada-1', username: 'ada', password_hash, claims: { name: 'Ada Lovelace' } }],
        },
        tokens: { dpop: 'offered-with-nonce', 'poll-interval': '1s', ...wishes.tokens },
        keys: { 'master-key-file': 'master.key', ...wishes.keys },
        registration: {
          'initial-access-token-files': ['initial.token'],
          'certificate-trust': ['partners'],
          scope: 'openid orders:read',
          'grant-types': ['authorization_code', 'refresh_token', 'client_credentials'],
        },
      },
    },
    {},
    { 'initial.token': registrationToken },
  )
  const { authority } = server
  const key = await crypto.subtle.importKey(
    'pkcs8',
    signing.privateKey.export({ type: 'pkcs8', format: 'der' }),
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['sign'],
  )
  const client = (id: PeopleClientName, certificate: TestCertificate): PeopleClient => {
    const agent = new Agent({ connect: connectorTo(server, certificate) })
    t.after(() => agent.close())
    return {
      id,
      redirectUri: 'https://client.test/cb',
      certificate,
      jwk: certified(certificate),
      key,
      kid: 'requests',
      fetch: (url, init) => undiciFetch(url, { ...init, dispatcher: agent }),
    }
  }

  const browser = async (): Promise<FapiBrowser> => {
    const browser = createFapiBrowser(server)
    await browser.press(await browser.open('/account'), 'submit', { username: 'ada', password })
    return browser
  }
  let once: Promise<FapiBrowser> | undefined
  const adas = (): Promise<FapiBrowser> => (once ??= browser())
  const through = async (link: URL): Promise<FapiPage> => {
    assert.equal(link.origin, 'https://as.test', 'people are never sent to the host that asks for certificates')
    const page = await (await adas()).open(link.pathname + link.search)
    return page.text.includes('id="allow"') ? (await adas()).press(page, 'allow') : page
  }

  return {
    server,
    issuer: new URL('https://as.test'),
    clients: {
      tls_client_auth: client('tls_client_auth', authority.issue({ san: { dns: ['client.test'] } })),
      self_signed_tls_client_auth: client('self_signed_tls_client_auth', selfSigned),
      public: client('public', phone),
      api: client('api', authority.issue({ san: { dns: ['api.test'] } })),
    },
    registrationToken,
    assertionKey: partner.privateKey,
    browser,
    ada: async (link) => {
      const page = await through(link)
      assert.ok(page.elsewhere, `no answer to the client but ${page.status} at ${page.path}:\n${page.text}`)
      return page.elsewhere
    },
    adaPosts: async (link) => {
      const page = await through(link)
      const { action, fields } = formWith(page, 'submit')
      return new Request(action, { method: 'POST', body: fields })
    },
    adaEnters: async (user_code) => {
      const here = await adas()
      const confirm = await here.press(await here.open('/device'), 'submit', { user_code })
      assert.match((await here.press(confirm, 'allow')).text, /id="allowed"/)
    },
    adaApproves: async (message) => {
      const here = await adas()
      const page = await here.open('/approve')
      assert.ok(page.text.includes(message), page.text)
      await here.press(page, 'allow-1')
    },
    assertBound: (token, to) => {
      const cnf = 'jkt' in to ? { jkt: to.jkt } : { 'x5t#S256': to.certificate.thumbprint }
      assert.deepEqual(claimsOf(token)['cnf'], cnf)
    },
  }
}

function certified({ pem, der }: TestCertificate): object {
  const x5c = [Buffer.from(der).toString('base64')]
  return { ...createPublicKey(pem).export({ format: 'jwk' }), kid: 'certificate', x5c }
}

/** Leads every name to the server's port; the name itself is what TLS asks for. */
function connectorTo(server: TestServer, { chainPem, keyPem }: TestCertificate): buildConnector.connector {
  const connect = buildConnector({ ca: server.authority.rootPem, cert: chainPem, key: keyPem })
  return (options, answer) =>
    connect(
      {
        ...options,
        host: '127.0.0.1',
        hostname: '127.0.0.1',
        port: String(server.port),
        servername: options.hostname,
      },
      answer,
    )
}

const password = 'correct horse battery staple'
const registrationToken = 'an-initial-access-token-for-libraries'
