import type { Result } from '@holdfast/x509'
import type { AuthenticationEvent, AuthorizationDetail, ClaimsRequest } from '../port/authorization-store.ts'
import type { Failure, RequestFailure } from '../protocol-error/failure.ts'
import type { FormParameters } from './form-parameters.ts'

/** The authorization endpoint (RFC 6749 §3.1) as steps: it says what to show or where to send the browser, and shows nothing itself. */
export interface AuthorizationEndpoint {
  /** A browser came to the endpoint, by GET or POST. Rejects only for a bug of ours. */
  begin(request: AuthorizationBegin): Promise<AuthorizationStep>
  /**
   * The person came back from a page. `interaction` is the handle that the step before gave out: opaque, unguessable, and to be
   * bound to the browser by whoever shows the pages.
   */
  resume(
    interaction: string,
    session: LoginSession | undefined,
    decision: PersonsDecision,
    correlationId: string,
  ): Promise<AuthorizationStep>
}

export interface AuthorizationBegin {
  /** The query or the form, parsed by `parseFormParameters`, or why it could not be read. */
  readonly parameters: Result<FormParameters, RequestFailure>
  /** The live login session of this browser, if any. */
  readonly session: LoginSession | undefined
  readonly correlationId: string
}

export type PersonsDecision =
  /** The person logged in, or opened the page again: what is needed next is decided anew. */
  | { readonly kind: 'logged_in' }
  /** `scope` is what the person left of what was asked. */
  | { readonly kind: 'consented'; readonly scope: readonly string[] }
  | { readonly kind: 'cancelled' }

/** A person who is logged in, in this browser. */
export interface LoginSession {
  /** Under which the session store keeps it. */
  readonly digest: string
  readonly sessionId: string
  readonly subject: string
  readonly authentication: AuthenticationEvent
}

/** What is to be done next. */
export type AuthorizationStep =
  | {
      readonly kind: 'login'
      readonly interaction: string
      readonly client: ClientDisplay
      readonly loginHint?: string
      /** A live session does not suffice: `prompt=login`, `max_age`, or another `acr` is needed. */
      readonly forced: boolean
      /** `acr` that the client would like, the best first. */
      readonly acrValues: readonly string[]
      /** One of these it must be, where there are any. */
      readonly essentialAcr: readonly string[]
      readonly uiLocales: readonly string[]
    }
  | {
      readonly kind: 'consent'
      readonly interaction: string
      readonly client: ClientDisplay
      readonly scope: readonly string[]
      readonly audience: readonly string[]
      readonly authorizationDetails: readonly AuthorizationDetail[]
      readonly claims: ClaimsRequest | undefined
      readonly subject: string
      readonly uiLocales: readonly string[]
    }
  /** An answer to the client, success or error: 303 to here. */
  | { readonly kind: 'redirect'; readonly location: string }
  /** An answer to the client as a form that the browser posts; it works without scripts by a button. */
  | { readonly kind: 'form_post'; readonly action: string; readonly fields: Readonly<Record<string, string>> }
  /** Told to the person, on our own page: the client or its redirect URI are not known, or nothing else is possible. */
  | { readonly kind: 'error'; readonly failure: Failure; readonly correlationId: string }

/** What a person is told about a client. */
export interface ClientDisplay {
  readonly clientId: string
  readonly name: string | undefined
  readonly uri?: string
  readonly logo?: string
  readonly policy?: string
  readonly terms?: string
  /** Where the answer will go: the page that a person answers on may lead there (`form-action`), and nowhere else. */
  readonly redirectUri?: string
}
