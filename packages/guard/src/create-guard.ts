import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'

import {
  bearerToken,
  decideResourceRequest,
  dpopToken,
  ok,
  resourceAccessToken,
  resourceErrorResponse,
} from '@holdfast/core'
import type {
  AllowedRequest,
  Awaitable,
  Failure,
  ResourceAccessToken,
  ResourcePolicy,
  Result,
  VerifiedToken,
} from '@holdfast/core'

import type { Decision } from './decision.ts'
import { provenKey } from './dpop/proven-key.ts'
import type { DpopSettings } from './dpop/proven-key.ts'
import { GuardError } from './guard-error.ts'
import { guardSettings } from './guard-options.ts'
import type { GuardOptions, GuardSettings } from './guard-options.ts'
import { createJsonRequest } from './http/json-request.ts'
import { holdsKey } from './jwk/key-set.ts'
import type { KeySet } from './jwk/key-set.ts'
import { issuerKeySource } from './jwk/issuer-key-source.ts'
import type { KeySource } from './jwk/key-source.ts'
import type { VerificationKey } from './jwk/verification-key.ts'
import { rememberingJwsHeader } from './jws/compact-jws.ts'
import type { JwsHeaderReader } from './jws/compact-jws.ts'
import { createVerificationBurst } from './jws/verification-burst.ts'
import type { SignatureVerification } from './jws/verification-burst.ts'
import { createIssuer } from './metadata/issuer.ts'
import type { Issuer } from './metadata/issuer.ts'
import type { Refusal } from './refusal.ts'
import { authorizationHeader } from './request-facts/authorization-header.ts'
import { certificateReading } from './request-facts/certificate-source.ts'
import type { CertificateReading } from './request-facts/certificate-source.ts'
import type { RequestFacts } from './request-facts/request-facts.ts'
import { deeplyFrozen } from './token/deeply-frozen.ts'
import { createCameBack } from './token/came-back.ts'
import { introspect } from './token/introspect.ts'
import { verifyJwt } from './token/verify-jwt.ts'
import { createVerifiedTokenCache } from './verified-token-cache.ts'
import type { VerifiedTokenCache } from './verified-token-cache.ts'

/** Says of each request whether it may pass: the token is good, and the one who shows it is the one it was issued to. */
export interface Guard {
  /** Decides one request; at once when the token is known. The adapters call this. */
  check(facts: RequestFacts): Awaitable<Decision>
  /** Like {@link check}, for code of one's own: what passes is returned, what does not is thrown. @throws GuardError */
  authorize(facts: RequestFacts): Promise<AllowedRequest>
  /** The same guard for an operation that needs this scope too. Memory and keys are shared. */
  requiring(...scope: readonly string[]): Guard
  /** What the guard looks at in a request of `node:http`, `node:https` or `node:http2`. */
  factsOfNode(request: IncomingMessage | Http2ServerRequest): RequestFacts
  /** What the guard looks at in a fetch `Request`. @param certificate DER, with `certificate: { from: 'caller' }` */
  factsOfFetch(request: Request, certificate?: Uint8Array): RequestFacts
  /** What an adapter let pass. @throws TypeError when no adapter of this guard has seen the request */
  accessOf(request: object): AllowedRequest
  /** For adapters: remembers what {@link accessOf} answers. */
  admit(request: object, access: AllowedRequest): void
  /** Fetches metadata and keys now, so that a wrong address shows at start. @throws GuardError */
  prepare(): Promise<void>
}

/**
 * Makes the guard of an API: only certificate-bound tokens, only from their rightful holders. RFC 8705 §3, RFC 9068 §4.
 *
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { createServer } from 'node:https'
 * import { createGuard } from '@holdfast/guard'
 * import { guarded } from '@holdfast/guard/node'
 *
 * const guard = createGuard({
 *   issuer: 'https://login.example.com',
 *   audience: 'https://api.example.com',
 *   certificate: { from: 'tls' },
 *   onRefusal: ({ correlationId, failure }) => console.warn(correlationId, failure),
 * })
 *
 * const tls = { cert: readFileSync('./api.pem'), key: readFileSync('./api.key') }
 * const asking = { requestCert: true, rejectUnauthorized: false }
 * const api = guarded(guard, (request, response, access) => {
 *   response.end(`${access.token.clientId} may see ${request.url}`)
 * })
 * createServer({ ...tls, ...asking }, api).listen(443)
 * ```
 *
 * Nothing is fetched before the first token comes.
 *
 * @throws TypeError that names every wrong option with its path
 */
export function createGuard(options: GuardOptions): Guard {
  const settings = guardSettings(options)
  const request = createJsonRequest(settings.identity)
  const issuer = createIssuer(settings.policy.issuer, request, settings.clock)
  const keys = issuerKeySource(settings.keys, settings.algorithms, issuer, request)
  if (!keys.ok) throw new TypeError(`guard options: keys.jwks must be a JWK Set (${keys.failure.reason})`)
  const shared: Shared = {
    settings,
    issuer,
    keys: keys.value,
    readHeader: rememberingJwsHeader(),
    verify: createVerificationBurst(),
    cache: createVerifiedTokenCache(settings.cache),
    reading: certificateReading(settings.source),
    cameBack: createCameBack(),
    admitted: new WeakMap(),
    ask: (token) => {
      const { clientId = '', clientSecret: secret, endpoint } = settings.introspection ?? {}
      const find = (): Promise<Result<string, { readonly reason: string }>> =>
        endpoint === undefined ? issuer.introspectionEndpoint(secret === undefined) : Promise.resolve(ok(endpoint))
      return introspect(token, find, { clientId, secret }, request)
    },
  }
  return guardWith(shared, settings.policy)
}

interface Shared {
  readonly settings: GuardSettings
  readonly issuer: Issuer
  readonly keys: KeySource
  readonly readHeader: JwsHeaderReader
  readonly verify: SignatureVerification
  readonly cache: VerifiedTokenCache<KnownToken>
  readonly reading: CertificateReading
  readonly cameBack: (token: string) => boolean
  readonly admitted: WeakMap<object, AllowedRequest>
  readonly ask: (token: string) => Promise<Result<VerifiedToken, Failure>>
}

/** A token whose origin and claims were verified, and what that rests on. */
type KnownToken =
  | { readonly token: ResourceAccessToken; readonly key: VerificationKey; keys: KeySet }
  | { readonly token: ResourceAccessToken; readonly key: undefined; readonly askedAt: number }

function guardWith(shared: Shared, policy: ResourcePolicy): Guard {
  const { settings, keys, cache, readHeader, verify, cameBack } = shared
  const { clock, isRevoked, onWouldRefuse } = settings
  const cacheSeconds = settings.introspection?.cacheSeconds ?? 0
  const challenge = { realm: settings.realm, scope: policy.scope, resourceMetadata: settings.resourceMetadata }

  const refuse = (failure: Failure, scheme: 'Bearer' | 'DPoP' = 'Bearer'): Decision => {
    const correlationId = randomUUID()
    const asked = scheme === 'Bearer' ? challenge : { ...challenge, scheme, algorithms: settings.dpop?.algorithms }
    const answer = resourceErrorResponse(failure, correlationId, asked)
    const refusal: Refusal = { correlationId, status: answer.status, failure }
    tell(settings.onRefusal, refusal)
    return { granted: false, answer, refusal }
  }

  // What no memory may answer: time, certificate, scope, revocation. Every request ends here.
  const judge = (token: ResourceAccessToken, facts: RequestFacts, now: number): Awaitable<Decision> => {
    const decided = decideResourceRequest(facts, token, policy, now)
    if (!decided.ok) return refuse(decided.failure, facts.provenKeyThumbprint === undefined ? 'Bearer' : 'DPoP')
    if (onWouldRefuse !== undefined && decided.value.boundTo === undefined) {
      const failure = decided.value.wouldRefuse ?? ({ reason: 'token_not_bound' } as const)
      tell(onWouldRefuse, { correlationId: randomUUID(), status: 401, failure })
    }
    if (isRevoked === undefined) return { granted: true, access: decided.value }
    const conclude = (revoked: boolean): Decision =>
      revoked ? refuse({ reason: 'token_revoked', jti: token.jti ?? '' }) : { granted: true, access: decided.value }
    const away = (cause: unknown): Decision => refuse({ reason: 'store_unavailable', store: 'revocation', cause })
    try {
      const answer = isRevoked(token)
      return typeof answer === 'boolean' ? conclude(answer) : answer.then(conclude).catch(away)
    } catch (cause) {
      return away(cause)
    }
  }

  const known = (authorization: string, now: number): ResourceAccessToken | undefined => {
    const entry = cache.find(authorization)
    if (entry === undefined) return undefined
    if (entry.key === undefined) {
      if (Math.abs(now - entry.askedAt) < cacheSeconds) return entry.token
    } else {
      const current = keys.current(now)
      // Not at hand is not withdrawn: the keys are waited for, and the token is looked at again.
      if (current === undefined) return undefined
      if (current === entry.keys || holdsKey(current, entry.key)) {
        entry.keys = current
        return entry.token
      }
    }
    cache.drop(authorization)
    return undefined
  }

  const learn = async (
    authorization: string,
    token: string,
    now: number,
  ): Promise<Result<ResourceAccessToken, Failure>> => {
    const keep = (entry: KnownToken): Result<ResourceAccessToken, Failure> => {
      if (entry.token.expiresAt > now && cameBack(token)) cache.keep(authorization, entry)
      return ok(deeplyFrozen(entry.token))
    }
    if (settings.tokens === 'jwt' || (settings.tokens === 'jwt_or_opaque' && isJwt(token))) {
      const verified = await verifyJwt(token, readHeader, keys, settings.algorithms, verify, now)
      if (!verified.ok) return verified
      const judged = resourceAccessToken(verified.value.token, policy)
      return judged.ok ? keep({ token: judged.value, key: verified.value.key, keys: verified.value.keys }) : judged
    }
    const answer = await shared.ask(token)
    if (!answer.ok) return answer
    const judged = resourceAccessToken(answer.value, policy)
    if (!judged.ok || cacheSeconds === 0) return judged
    cache.keep(authorization, { token: deeplyFrozen(judged.value), key: undefined, askedAt: now })
    return judged
  }

  // RFC 9449 §7.1: by the scheme DPoP only tokens that are bound to a key, each time with a proof that is new.
  const decideProven = async (
    facts: RequestFacts,
    presented: Result<string, Failure>,
    dpop: DpopSettings,
  ): Promise<Decision> => {
    if (facts.certificateRefusal !== undefined) {
      return refuse({ reason: 'certificate_source_refused', refusal: facts.certificateRefusal }, 'DPoP')
    }
    if (!presented.ok) return refuse(presented.failure, 'DPoP')
    const now = clock.now()
    const authorization = String(facts.authorization)
    const atHand = known(authorization, now)
    const token = atHand === undefined ? await learn(authorization, presented.value, now) : ok(atHand)
    if (!token.ok) return refuse(token.failure, 'DPoP')
    if (typeof token.value.confirmation?.['jkt'] !== 'string')
      return refuse({ reason: 'token_not_bound_to_key' }, 'DPoP')
    const { dpop: shown = { proof: undefined, method: '', target: '' } } = facts
    const proven = await provenKey(shown, presented.value, dpop, clock.now())
    if (!proven.ok) return refuse(proven.failure, 'DPoP')
    return judge(token.value, { ...facts, provenKeyThumbprint: proven.value }, clock.now())
  }

  const decide = (facts: RequestFacts): Awaitable<Decision> => {
    const now = clock.now()
    const { authorization } = facts
    if (settings.dpop !== undefined) {
      const byProof = dpopToken(authorization)
      if (byProof !== undefined) return decideProven(facts, byProof, settings.dpop)
    }
    const token = typeof authorization === 'string' ? known(authorization, now) : undefined
    if (token !== undefined) return judge(token, facts, now)

    if (facts.certificateRefusal !== undefined) {
      return refuse({ reason: 'certificate_source_refused', refusal: facts.certificateRefusal })
    }
    const presented = bearerToken(authorization)
    if (!presented.ok) return refuse(presented.failure)
    return learn(authorization as string, presented.value, now).then((learned) =>
      learned.ok ? judge(learned.value, facts, clock.now()) : refuse(learned.failure),
    )
  }

  // A fault of ours is a 500 for this request, never a pass and never a crash.
  const unexpected = (cause: unknown): Decision => refuse({ reason: 'unexpected', cause })
  const check = (facts: RequestFacts): Awaitable<Decision> => {
    try {
      const decision = decide(facts)
      return decision instanceof Promise ? decision.catch(unexpected) : decision
    } catch (cause) {
      return unexpected(cause)
    }
  }

  return {
    check,
    async authorize(facts) {
      const decision = await check(facts)
      if (decision.granted) return decision.access
      throw new GuardError(decision.refusal, decision.answer)
    },
    requiring: (...scope) => guardWith(shared, { ...policy, scope: [...new Set([...policy.scope, ...scope])] }),
    factsOfNode(request) {
      const { certificateThumbprint, certificateRefusal } = shared.reading.ofNode(request)
      const authorization = authorizationHeader(request.rawHeaders)
      if (settings.dpop === undefined) return { authorization, certificateThumbprint, certificateRefusal }
      const dpop = { proof: proofHeader(request), method: request.method ?? '', target: targetOf(request) }
      return { authorization, certificateThumbprint, certificateRefusal, dpop }
    },
    factsOfFetch(request, certificate) {
      const authorization = request.headers.get('authorization') ?? undefined
      const facts = { authorization, ...shared.reading.ofFetch(request, certificate) }
      if (settings.dpop === undefined) return facts
      const { pathname, search } = new URL(request.url)
      const proof = request.headers.get('dpop') ?? undefined
      return { ...facts, dpop: { proof, method: request.method, target: pathname + search } }
    },
    accessOf(request) {
      const access = shared.admitted.get(request)
      if (access === undefined)
        throw new TypeError('guard.accessOf: this request did not pass an adapter of this guard')
      return access
    },
    admit: (request, access) => void shared.admitted.set(request, access),
    async prepare() {
      const ready =
        settings.tokens === 'opaque'
          ? await shared.issuer.introspectionEndpoint(settings.introspection?.clientSecret === undefined)
          : await keys.load(clock.now())
      if (ready.ok) return
      const decision = refuse({ reason: 'token_keys_unavailable', cause: ready.failure })
      if (!decision.granted) throw new GuardError(decision.refusal, decision.answer)
    },
  }
}

/** A fault in logging must not stop the API, nor change what becomes of the request. */
function tell(hook: (refusal: Refusal) => void, refusal: Refusal): void {
  try {
    hook(refusal)
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : new Error(String(error)))
  }
}

/** The path as it came in: frameworks take away the part that a router is mounted at. */
function targetOf(request: IncomingMessage | Http2ServerRequest): string {
  const { originalUrl } = request as { readonly originalUrl?: unknown }
  return typeof originalUrl === 'string' ? originalUrl : (request.url ?? '')
}

/** Several lines are joined, and so refused: a proof has no comma. */
function proofHeader({ headers }: IncomingMessage | Http2ServerRequest): string | undefined {
  const header = headers['dpop']
  return Array.isArray(header) ? header.join(', ') : header
}

// Two dots and base64url: an opaque token of another make may have dots too, but not a JSON header.
function isJwt(token: string): boolean {
  return token.startsWith('eyJ') && token.split('.', 4).length === 3
}
