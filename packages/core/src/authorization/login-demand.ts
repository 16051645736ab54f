import type { AuthenticationEvent } from '../port/authorization-store.ts'
import type { InteractionFailure } from '../protocol-error/authorization-failure.ts'
import { reportedContext } from './authentication-context.ts'
import type { AuthorizationRequest } from './authorization-request.ts'

/** What a request needs of the person who is logged in, or not. */
export type LoginDemand =
  | { readonly kind: 'met' }
  /** The person must log in; `forced`: although somebody is logged in. `failure` is told instead where no page may be shown. */
  | { readonly kind: 'login'; readonly forced: boolean; readonly failure: InteractionFailure }
  /** No login would help any more. */
  | { readonly kind: 'unmet'; readonly failure: InteractionFailure }

/** Who is logged in, as far as this decision goes. */
export interface LoggedIn {
  /** As the client knows the person. */
  readonly subject: string
  readonly authentication: AuthenticationEvent
}

/**
 * Decides whether the login that is there will do.
 *
 * OpenID Connect Core §3.1.2.1 (`prompt`, `max_age`, `id_token_hint`), §5.5.1.1 (`acr`). `startedAt` is when the request came;
 * `since` says that there is another login than then: what was done before counts no more.
 */
export function loginDemand(
  request: AuthorizationRequest,
  session: LoggedIn | undefined,
  startedAt: number,
  since: 'yes' | 'no',
  now: number,
): LoginDemand {
  if (session === undefined) return login(false)
  const { authentication, subject } = session
  const fresh = since === 'yes' && authentication.time >= startedAt
  const { prompt, maxAge } = request
  const asks = prompt.includes('login') || prompt.includes('select_account') || maxAge === 0
  if (asks && !fresh) return login(true)
  if (maxAge !== undefined && !fresh && now - authentication.time > maxAge) return login(true)
  if (request.expectedSubject !== undefined && request.expectedSubject !== subject) {
    const failure = {
      reason: 'another_person',
      asked: request.claims === undefined ? 'id_token_hint' : 'claims',
    } as const
    return fresh ? { kind: 'unmet', failure } : { kind: 'login', forced: true, failure }
  }
  const { essentialAcr } = request
  if (essentialAcr.length > 0 && reportedContext(essentialAcr, authentication) === undefined) {
    const failure = {
      reason: 'authentication_context_unmet',
      needed: essentialAcr,
      had: authentication.acr,
    } as const
    return fresh ? { kind: 'unmet', failure } : { kind: 'login', forced: true, failure }
  }
  return { kind: 'met' }
}

function login(forced: boolean): LoginDemand {
  return { kind: 'login', forced, failure: { reason: 'login_needed' } }
}
