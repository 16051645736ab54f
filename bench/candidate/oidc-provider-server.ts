import { X509Certificate, createPrivateKey, createPublicKey } from 'node:crypto'
import { type IncomingMessage, createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type TLSSocket } from 'node:tls'
import Provider, { type ClientMetadata, type KoaContextWithOIDC } from 'oidc-provider'
import { candidateSettings, listenOn } from './candidate-settings.ts'

/**
 * oidc-provider as its documentation sets it up: JWT access tokens by resource indicator, mTLS hooks with the usual glue.
 *
 * `san`: `tls_client_auth` with a DNS name, the certificate parsed once a request by `new X509Certificate`, the proxy's
 * (or Node's) verdict taken for the chain. `thumbprint`: `self_signed_tls_client_auth` with the certificate in `jwks`, no parse.
 * `people`: as `san`, with a person who is logged in as soon as he is asked, and what he allowed kept for each client.
 */
const settings = candidateSettings()
const people = settings.variant === 'people'
const grants = new Map<string, string>()
const interactions = '/interaction/'

const provider: Provider = new Provider(settings.issuer, {
  clients: settings.clients.map(client),
  jwks: {
    keys: [
      {
        ...createPrivateKey(settings.signingKey).export({ format: 'jwk' }),
        alg: settings.signingAlgorithm,
        use: 'sig',
        kid: 'peer',
      },
    ],
  },
  clientAuthMethods: ['tls_client_auth', 'self_signed_tls_client_auth'],
  enabledJWA: { clientAuthSigningAlgValues: [settings.signingAlgorithm] },
  scopes: [settings.scope, ...(people ? ['openid'] : [])],
  responseTypes: people ? ['code'] : [],
  ttl: {
    ClientCredentials: lifetime(),
    AccessToken: lifetime(),
    IdToken: lifetime(),
    AuthorizationCode: lifetime(),
    Interaction: lifetime(),
    RefreshToken: days(14),
    Session: days(14),
    Grant: days(14),
  },
  interactions: { url: (_context, { uid }) => `${interactions}${uid}` },
  findAccount: (_context, subject) => ({ accountId: subject, claims: () => ({ sub: subject }) }),
  loadExistingGrant,
  issueRefreshToken: () => people,
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      selfSignedTlsClientAuth: true,
      getCertificate,
      certificateAuthorized,
      certificateSubjectMatches,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => settings.audience,
      getResourceServerInfo: () => ({
        scope: settings.scope,
        audience: settings.audience,
        accessTokenTTL: lifetime(),
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: settings.signingAlgorithm } },
      }),
    },
  },
})
provider.proxy = true

function client({ clientId, dnsName, certificate }: (typeof settings.clients)[number]): ClientMetadata {
  const common = {
    client_id: clientId,
    grant_types: people ? ['authorization_code', 'refresh_token'] : ['client_credentials'],
    redirect_uris: people ? [settings.redirectUri] : [],
    response_types: people ? (['code'] as const).slice() : [],
    scope: people ? `openid ${settings.scope}` : settings.scope,
    id_token_signed_response_alg: settings.signingAlgorithm,
    tls_client_certificate_bound_access_tokens: true,
  }
  if (settings.variant === 'thumbprint') {
    const parsed = new X509Certificate(certificate)
    const jwk = createPublicKey(certificate).export({ format: 'jwk' })
    const keys = [{ ...jwk, x5c: [parsed.raw.toString('base64')] }]
    return { ...common, token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks: { keys } }
  }
  return {
    ...common,
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: dnsName,
  }
}

async function loadExistingGrant({ oidc }: KoaContextWithOIDC) {
  const { client: asking, session } = oidc
  if (asking === undefined || session?.accountId === undefined) return undefined
  const key = `${session.accountId} ${asking.clientId}`
  const known = grants.get(key)
  if (known !== undefined) return provider.Grant.find(known)
  const grant = new provider.Grant({ clientId: asking.clientId, accountId: session.accountId })
  grant.addOIDCScope(`openid ${settings.scope}`)
  grant.addResourceScope(settings.audience, settings.scope)
  grants.set(key, await grant.save())
  return grant
}

function getCertificate(context: KoaContextWithOIDC): X509Certificate | string | undefined {
  if (settings.tls !== undefined) return (context.req.socket as TLSSocket).getPeerX509Certificate()
  const header = context.get('x-ssl-cert')
  return header === '' ? undefined : decodeURIComponent(header)
}

function certificateAuthorized(context: KoaContextWithOIDC): boolean {
  if (settings.tls !== undefined) return (context.req.socket as TLSSocket).authorized
  return context.get('x-ssl-client-verify') === 'SUCCESS'
}

function certificateSubjectMatches(context: KoaContextWithOIDC, _property: string, expected: string): boolean {
  const given = getCertificate(context)
  if (given === undefined) return false
  const certificate = typeof given === 'string' ? new X509Certificate(given) : given
  return certificate.subjectAltName?.split(', ').includes(`DNS:${expected}`) ?? false
}

function lifetime(): number {
  return 600
}

function days(count: number): number {
  return count * 86_400
}

const handle = provider.callback()
if (settings.tls === undefined) listenOn(createServer(forwarded), settings.address)
else {
  const { certificate: cert, key, authority: ca } = settings.tls
  listenOn(
    createTlsServer(
      { cert, key, ca, requestCert: true, rejectUnauthorized: false },
      (request, response) => void handle(request, response),
    ),
    settings.address,
  )
}

function forwarded(request: IncomingMessage, response: Parameters<typeof handle>[1]): void {
  if (people && request.url?.startsWith(interactions) === true) {
    void provider.interactionFinished(request, response, { login: { accountId: settings.subject } })
  } else void handle(request, response)
}
