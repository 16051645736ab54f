import { fetch } from 'undici'

import { authenticatedForm } from './authentication/client-authentication.ts'
import { createCurrentIdentity } from './certificate/identity.ts'
import type { Identity } from './certificate/identity.ts'
import { ClientError } from './client-error.ts'
import { clientSettings } from './client-options.ts'
import type { ClientOptions, ClientSettings } from './client-options.ts'
import type { AuthorizationServerMetadata } from './metadata/authorization-server-metadata.ts'
import { createDiscovery } from './metadata/discovery.ts'
import type { Discovery } from './metadata/discovery.ts'
import { endpoint } from './metadata/endpoint.ts'
import type { DirectEndpoint } from './metadata/endpoint.ts'
import type { AccessToken } from './token/access-token.ts'
import { jwtExpiry, tokenBinding } from './token/token-binding.ts'
import { useUntil } from './token/token-cache.ts'
import type { KeptToken } from './token/token-cache.ts'
import { tokenResponse } from './token/token-response.ts'
import type { TokenResponse } from './token/token-response.ts'
import { createAgent } from './transport/agent.ts'
import { authorizationServerRequest } from './transport/authorization-server-request.ts'
import type { AuthorizationServerAnswer } from './transport/authorization-server-request.ts'
import { bearerChallengeError } from './transport/bearer-challenge.ts'
import { outgoingRequest } from './transport/outgoing-request.ts'
import type { OutgoingRequest } from './transport/outgoing-request.ts'

/** What a token is asked for; what is absent comes from the client's options. */
export interface TokenRequest {
  readonly scope?: string
  readonly resource?: string | readonly string[]
}

/** A client of one authorization server, with one certificate. */
export interface Client {
  /**
   * Calls an API as the platform's `fetch` does, with the certificate in the handshake and a token bound to it in the header.
   *
   * When the API answers 401 `invalid_token`, the token is renewed and the request is sent once more, unless its body was a
   * stream.
   *
   * @throws ClientError when no token can be had
   */
  fetch(input: string | URL | Request, init?: RequestInit, request?: TokenRequest): Promise<Response>
  /** The token itself, kept until shortly before it expires; for tools that send requests by themselves. */
  token(request?: TokenRequest): Promise<AccessToken>
  /**
   * Sends any grant to the token endpoint: a code, a refresh token, a device code. The answer is checked and not kept.
   */
  grant(
    parameters: Readonly<Record<string, string>>,
  ): Promise<TokenResponse & { readonly binding: AccessToken['binding'] }>
  /** Sends an authenticated form to another endpoint that clients call directly; the answer is the caller's to read. */
  post(
    endpoint: DirectEndpoint,
    parameters: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly json: unknown }>
  /** The issuer's metadata (RFC 8414). */
  metadata(): Promise<AuthorizationServerMetadata>
  /** Ends all connections at once; answers that are still being read end with an error. */
  close(): Promise<void>
}

/**
 * Makes a client that gets certificate-bound tokens and calls APIs with them. RFC 8705.
 *
 * ```ts
 * import { createClient } from '@holdfast/client'
 *
 * const holdfast = createClient({
 *   issuer: 'https://login.example.com',
 *   clientId: 'acme',
 *   authentication: 'tls_client_auth',
 *   certificate: { certFile: './acme.pem', keyFile: './acme.key' },
 * })
 *
 * const answer = await holdfast.fetch('https://api.example.com/orders')
 * console.log(answer.status, await answer.json())
 * ```
 *
 * Nothing is sent before the first call. Certificate files are read again when they change.
 *
 * @param now milliseconds since the epoch
 * @throws TypeError that names every wrong option with its path
 */
export function createClient(options: ClientOptions, now: () => number = Date.now): Client {
  const settings = clientSettings(options)
  const plainAgent = createAgent(undefined, settings.ca, settings.timeouts)
  const discovery = createDiscovery(settings.issuer, plainAgent, settings.timeouts.authorizationServer, now)
  const current = createCurrentIdentity(
    settings.certificate,
    settings.certificateFiles,
    (certificate) => createAgent(certificate, settings.ca, settings.timeouts),
    settings.onCertificateProblem,
    now,
  )
  const backChannel: BackChannel = { settings, discovery, now }

  const takeToken = (identity: Identity, asked: AskedFor): Promise<AccessToken> =>
    identity.tokens.take(asked.key, () => clientCredentialsToken(backChannel, identity, asked))

  return {
    async fetch(input, init, request) {
      const asked = askedFor(request, settings)
      const outgoing = await outgoingRequest(input, init)
      if (outgoing.url.protocol !== 'https:') throw new ClientError('url_not_https', { url: outgoing.url.origin })
      const answer = await current.use(async (identity) => {
        const token = await takeToken(identity, asked)
        const first = await send(outgoing, token, identity)
        if (!isTokenRefused(first) || outgoing.body.kind === 'once') return first
        await first.body?.cancel()
        identity.tokens.drop(asked.key, token)
        return undefined
      })
      // By now the certificate may be a new one.
      return answer ?? current.use(async (identity) => send(outgoing, await takeToken(identity, asked), identity))
    },
    token: (request) => current.use((identity) => takeToken(identity, askedFor(request, settings))),
    grant: (parameters) =>
      current.use(async (identity) => {
        const { response, binding } = await requestToken(backChannel, identity, new URLSearchParams(parameters))
        return { ...response, binding }
      }),
    post: (name, parameters) =>
      current.use(async (identity) => {
        const { status, json } = await postForm(backChannel, identity, name, new URLSearchParams(parameters))
        return { status, json }
      }),
    metadata: () => discovery.metadata(),
    async close() {
      await Promise.all([current.close(), plainAgent.destroy()])
    },
  }
}

interface BackChannel {
  readonly settings: ClientSettings
  readonly discovery: Discovery
  readonly now: () => number
}

interface AskedFor {
  readonly parameters: URLSearchParams
  readonly key: string
}

function askedFor(request: TokenRequest | undefined, settings: ClientSettings): AskedFor {
  const parameters = new URLSearchParams({ grant_type: 'client_credentials' })
  const scope = request?.scope ?? settings.scope
  if (scope !== undefined) parameters.set('scope', scope)
  const resource = request?.resource ?? settings.resource
  for (const uri of typeof resource === 'string' ? [resource] : resource) parameters.append('resource', uri)
  return { parameters, key: parameters.toString() }
}

async function clientCredentialsToken(
  backChannel: BackChannel,
  identity: Identity,
  asked: AskedFor,
): Promise<KeptToken<AccessToken>> {
  const askedAt = backChannel.now()
  const { response, binding } = await requestToken(backChannel, identity, asked.parameters)
  const expiry = jwtExpiry(response.accessToken)
  const lifetime = response.expiresIn ?? (expiry === undefined ? undefined : Math.max(0, expiry - askedAt / 1000))
  const token: AccessToken = {
    value: response.accessToken,
    expiresAt: lifetime === undefined ? undefined : new Date(askedAt + lifetime * 1000),
    scope: response.scope,
    binding,
    thumbprint: identity.certificate?.thumbprint,
  }
  return { token, useUntil: useUntil(askedAt, lifetime) }
}

async function requestToken(
  backChannel: BackChannel,
  identity: Identity,
  parameters: URLSearchParams,
): Promise<{ readonly response: TokenResponse; readonly binding: AccessToken['binding'] }> {
  const answer = await postForm(backChannel, identity, 'token_endpoint', parameters)
  if (answer.status !== 200) throw refusal(answer, identity, backChannel.now())
  const response = tokenResponse(answer.json)
  if (!response.ok) {
    const { reason, ...facts } = response.failure
    throw new ClientError(reason, facts)
  }
  if (backChannel.settings.binding === 'off' || identity.certificate === undefined) {
    return { response: response.value, binding: 'none' }
  }
  const binding = tokenBinding(response.value.accessToken, identity.certificate.thumbprint)
  if (binding.ok) return { response: response.value, binding: binding.value }
  const { reason, ...facts } = binding.failure
  throw new ClientError(reason, facts)
}

async function postForm(
  { settings, discovery, now }: BackChannel,
  identity: Identity,
  name: DirectEndpoint,
  parameters: URLSearchParams,
): Promise<AuthorizationServerAnswer> {
  const presenting =
    identity.certificate !== undefined && settings.mtlsEndpointAliases === 'use' ? 'certificate' : 'nothing'
  const url = endpoint(await discovery.metadata(), name, presenting)
  if (!url.ok) {
    const { reason, ...facts } = url.failure
    throw new ClientError(reason, facts)
  }
  const { clientId, issuer, authentication } = settings
  const form = authenticatedForm(parameters, clientId, issuer, authentication, Math.floor(now() / 1000))
  return authorizationServerRequest(url.value, form, identity.agent, settings.timeouts.authorizationServer)
}

// RFC 6749 §5.2
function refusal(answer: AuthorizationServerAnswer, identity: Identity, now: number): ClientError {
  const members = (typeof answer.json === 'object' && answer.json !== null ? answer.json : {}) as Readonly<
    Record<string, unknown>
  >
  const notAfter = identity.certificate?.notAfter
  return new ClientError('token_request_refused', {
    status: answer.status,
    error: members['error'],
    errorDescription: members['error_description'],
    retryAfter: answer.headers.get('retry-after') ?? undefined,
    thumbprint: identity.certificate?.thumbprint,
    certificateExpired: notAfter !== undefined && notAfter.getTime() < now ? notAfter.toISOString() : undefined,
  })
}

async function send(outgoing: OutgoingRequest, token: AccessToken, identity: Identity): Promise<Response> {
  const headers = new Headers(outgoing.headers)
  headers.set('authorization', `Bearer ${token.value}`)
  const { body } = outgoing
  const response = await fetch(outgoing.url, {
    dispatcher: identity.agent,
    method: outgoing.method,
    headers: [...headers],
    redirect: outgoing.redirect,
    signal: outgoing.signal,
    ...(body.kind === 'bytes' ? { body: body.bytes } : {}),
    ...(body.kind === 'once' ? { body: body.stream, duplex: 'half' as const } : {}),
  })
  return response
}

// RFC 6750 §3.1
function isTokenRefused(response: Response): boolean {
  return response.status === 401 && bearerChallengeError(response.headers.get('www-authenticate')) === 'invalid_token'
}
