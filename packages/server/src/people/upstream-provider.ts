import { createHash, randomBytes } from 'node:crypto'
import { isJwsAlgorithm, parseCompactJws, parseJsonWebKeySet } from '@holdfast/core'
import type { AssertionVerifier, AuthenticationEvent, ClientKey, Clock, ReplayStore } from '@holdfast/core'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import type { UpstreamConfiguration } from '../config/resolve-people.ts'
import type { UpstreamWay } from '../http/login-ways.ts'
import type { SealedState } from './sealed-state.ts'

/** An OpenID provider that people may log in with: code flow with PKCE (OpenID Connect Core §3.1, RFC 9700 §2.1.1). */
export interface UpstreamProvider extends UpstreamWay {
  readonly unknownPeople: 'refuse' | 'add'
  /** What came back: who logged in there, and the ticket that he began with. */
  finish(browser: string, query: URLSearchParams): Promise<Result<UpstreamLogin, UpstreamFailure>>
}

export interface UpstreamLogin {
  readonly ticket: string
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly authentication: AuthenticationEvent
}

/** `problem` is for the operator. `ticket` is there as soon as the state was ours. */
export interface UpstreamFailure {
  readonly problem: string
  readonly ticket?: string
}

export interface UpstreamPorts {
  readonly sealed: SealedState
  readonly replays: ReplayStore
  readonly assertions: AssertionVerifier
  readonly clock: Clock
  /** Requests to the provider, which the operator chose. */
  readonly fetch: typeof globalThis.fetch
}

/** `redirectUri` is this server's own for this provider: nothing of another provider is taken there (RFC 9700 §4.4.2.2). */
export function createUpstreamProvider(
  settings: UpstreamConfiguration,
  redirectUri: string,
  { sealed, replays, assertions, clock, fetch }: UpstreamPorts,
): UpstreamProvider {
  let known: { readonly metadata: Metadata; readonly until: number } | undefined
  let keys: { readonly keys: readonly ClientKey[]; readonly at: number } | undefined
  const purpose = (browser: string): string => `upstream ${settings.name} ${browser}`

  const discover = async (): Promise<Metadata | undefined> => {
    if (known !== undefined && clock.now() < known.until) return known.metadata
    const base = settings.issuer.endsWith('/') ? settings.issuer.slice(0, -1) : settings.issuer
    const document = await getJson(fetch, `${base}/.well-known/openid-configuration`)
    const metadata = document && readMetadata(document, settings.issuer)
    if (metadata !== undefined) known = { metadata, until: clock.now() + metadataLifetime }
    return metadata
  }

  const keysOf = async (uri: string, kid: string | undefined, now: number): Promise<readonly ClientKey[]> => {
    const fits = (list: readonly ClientKey[]): readonly ClientKey[] =>
      list.filter((key) => kid === undefined || key.kid === kid)
    const fresh = keys !== undefined && now - keys.at < (fits(keys.keys).length > 0 ? keysLifetime : keysPause)
    if (!fresh) {
      const document = await getJson(fetch, uri)
      const { keys: parsed } = parseJsonWebKeySet(document, () => undefined as never)
      keys = { keys: parsed.keys, at: now }
    }
    return fits(keys?.keys ?? [])
  }

  return {
    name: settings.name,
    label: settings.label,
    origin: new URL(settings.issuer).origin,
    unknownPeople: settings.unknownPeople,
    begin: async (browser, ticket, { again, acrValues, loginHint, uiLocales }) => {
      const metadata = await discover()
      if (metadata === undefined) return undefined
      const nonce = randomBytes(16).toString('base64url')
      const verifier = randomBytes(32).toString('base64url')
      const url = new URL(metadata.authorization)
      const parameters = {
        response_type: 'code',
        client_id: settings.clientId,
        redirect_uri: redirectUri,
        scope: settings.scope,
        state: sealed.seal(purpose(browser), { ticket, nonce, verifier }, lifetime),
        nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...(again === 'yes' ? { prompt: 'login' } : {}),
        ...(acrValues.length === 0 ? {} : { acr_values: acrValues.join(' ') }),
        ...(loginHint === undefined ? {} : { login_hint: loginHint }),
        ...(uiLocales.length === 0 ? {} : { ui_locales: uiLocales.join(' ') }),
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url.href
    },
    finish: async (browser, query) => {
      const stateText = query.get('state') ?? undefined
      const state = sealed.open(purpose(browser), stateText)
      if (stateText === undefined || state === undefined)
        return fail({ problem: 'the state is not ours, too old, or of another browser' })
      const ticket = String(state['ticket'])
      const failed = (problem: string): Result<never, UpstreamFailure> => fail({ problem, ticket })
      const used = createHash('sha256').update(stateText).digest('base64url')
      if ((await replays.take('upstream_state', used, clock.now() + lifetime)) !== 'first')
        return failed('the state came twice')
      const metadata = await discover()
      if (metadata === undefined) return failed('the provider cannot be reached')
      // RFC 9207 §2.4: whose answer this is must be said where the provider says that it does.
      const issuer = query.get('iss')
      if (issuer === null ? metadata.sendsIssuer : issuer !== settings.issuer)
        return failed(`the answer is of ${issuer ?? 'nobody'}`)
      const code = query.get('code')
      if (code === null) return failed(`the provider says ${query.get('error') ?? 'nothing'}`)
      const answer = await redeem(fetch, metadata.token, settings, {
        code,
        redirectUri,
        verifier: String(state['verifier']),
      })
      const idToken = answer?.['id_token']
      if (typeof idToken !== 'string') return failed('no ID token came')
      const jws = parseCompactJws(idToken)
      if (!jws.ok) return failed('the ID token cannot be read')
      const { header, claims } = jws.value
      if (!isJwsAlgorithm(header.alg)) return failed(`the ID token is signed with ${header.alg}`)
      const now = clock.now()
      const problem = claimsProblem(claims, settings, String(state['nonce']), now)
      if (problem !== undefined) return failed(problem)
      const candidates = await keysOf(metadata.jwks, header.kid, now)
      let verified = false
      for (const key of candidates)
        if (key.algorithms.includes(header.alg) && (await assertions.verify(jws.value, header.alg, key)))
          verified = true
      if (!verified) return failed('no key of the provider made the signature')
      return ok({ ticket, subject: String(claims['sub']), claims, authentication: authenticationOf(claims, now) })
    },
  }
}

interface Metadata {
  readonly authorization: string
  readonly token: string
  readonly jwks: string
  readonly sendsIssuer: boolean
}

/** OpenID Connect Discovery §3, §4.3: the issuer must be the one that was asked. */
function readMetadata(document: unknown, issuer: string): Metadata | undefined {
  const members = document as Readonly<Record<string, unknown>>
  const { authorization_endpoint, token_endpoint, jwks_uri } = members
  const urls = [authorization_endpoint, token_endpoint, jwks_uri]
  // Only a provider on this very machine may lead to it without TLS: else it could have our secret sent to anything here.
  const allowed = issuer.startsWith('https:') ? /^https:/ : /^(https:|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])/
  const secure = urls.every((url) => typeof url === 'string' && URL.canParse(url) && allowed.test(url))
  if (members['issuer'] !== issuer || !secure) return undefined
  return {
    authorization: String(authorization_endpoint),
    token: String(token_endpoint),
    jwks: String(jwks_uri),
    sendsIssuer: members['authorization_response_iss_parameter_supported'] === true,
  }
}

/** OpenID Connect Core §3.1.3.7. */
function claimsProblem(
  { iss, aud, azp, exp, iat, nonce, sub }: Readonly<Record<string, unknown>>,
  settings: UpstreamConfiguration,
  expectedNonce: string,
  now: number,
): string | undefined {
  const audience: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (iss !== settings.issuer) return 'the ID token is of another issuer'
  if (!audience.includes(settings.clientId)) return 'the ID token is for another client'
  if ((audience.length > 1 || azp !== undefined) && azp !== settings.clientId)
    return 'the ID token was given to another client'
  if (typeof exp !== 'number' || exp + skew <= now) return 'the ID token has expired'
  if (typeof iat !== 'number' || iat - skew > now) return 'the ID token is of the future'
  if (nonce !== expectedNonce) return 'the ID token is not the answer to our request'
  if (typeof sub !== 'string' || sub === '' || sub.length > 255) return 'the ID token names nobody'
  return undefined
}

function authenticationOf(claims: Readonly<Record<string, unknown>>, now: number): AuthenticationEvent {
  const { auth_time, amr, acr } = claims
  const methods = Array.isArray(amr) ? amr.filter((one) => typeof one === 'string').slice(0, 10) : []
  return {
    time: typeof auth_time === 'number' && auth_time <= now + skew ? Math.min(auth_time, now) : now,
    amr: methods,
    ...(typeof acr === 'string' && acr.length <= 255 ? { acr } : {}),
  }
}

async function redeem(
  fetch: typeof globalThis.fetch,
  endpoint: string,
  { clientId, clientSecret }: UpstreamConfiguration,
  sent: { readonly code: string; readonly redirectUri: string; readonly verifier: string },
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code: sent.code,
    redirect_uri: sent.redirectUri,
    code_verifier: sent.verifier,
    ...(clientSecret === undefined ? { client_id: clientId } : {}),
  })
  const encoded = (text: string): string => new URLSearchParams({ text }).toString().slice('text='.length)
  const basic = Buffer.from(`${encoded(clientId)}:${encoded(clientSecret ?? '')}`).toString('base64')
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    ...(clientSecret === undefined ? {} : { authorization: `Basic ${basic}` }),
  }
  return getJson(fetch, endpoint, { method: 'POST', headers, body: form.toString() })
}

/** A JSON object of at most {@link longestAnswer} characters, within some seconds and without redirects. Never rejects. */
async function getJson(
  fetch: typeof globalThis.fetch,
  url: string,
  options: RequestInit = {},
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const response = await fetch(url, { ...options, redirect: 'error', signal: AbortSignal.timeout(timeout) })
    if (!response.ok) return undefined
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true })
      if (text.length > longestAnswer) return undefined
    }
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}

/** Seconds to log in over there. */
const lifetime = 900
const metadataLifetime = 3600
const keysLifetime = 3600

/** Seconds between two looks for a key that is not there. */
const keysPause = 30
const skew = 60

/** Milliseconds. */
const timeout = 5_000
const longestAnswer = 524_288
