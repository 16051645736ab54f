import type { Result } from '@holdfast/x509'
import type { KnownPerson } from '../people/people-directory.ts'
import type { Passkey } from '../people/person.ts'

/** The ways to log in that are configured. */
export interface LoginWays {
  readonly password: 'yes' | 'no'
  readonly passkeys: PasskeyWay | undefined
  readonly upstream: readonly UpstreamWay[]
  readonly certificate: CertificateWay | undefined
  readonly header: HeaderWay | undefined
  readonly application: ApplicationWay | undefined
}

export interface PasskeyWay {
  /** Options of a WebAuthn request for this browser, as JSON. */
  loginOptions(browser: string): string
  login(
    browser: string,
    answer: string,
    address: string,
  ): Promise<Result<KnownPerson, { readonly problem: string; readonly subject?: string }>>
}

export interface UpstreamWay {
  readonly name: string
  readonly label: string
  /** Of its pages. */
  readonly origin: string
  /** Where the browser goes; `undefined` when the provider cannot be reached. */
  begin(browser: string, ticket: string, asked: UpstreamAsked): Promise<string | undefined>
}

/** What the provider is asked for on behalf of the client. */
export interface UpstreamAsked {
  /** Whether the person must prove himself anew, although he may be logged in over there. */
  readonly again: 'yes' | 'no'
  readonly acrValues: readonly string[]
  readonly loginHint: string | undefined
  readonly uiLocales: readonly string[]
}

export interface CertificateWay {
  readonly kind: 'certificate' | 'smart-card'
  /** Of the host that asks for certificates. */
  readonly origin: string
  begin(browser: string, ticket: string): string
}

/** A login application of the operator's own, to which browsers are sent. */
export interface ApplicationWay {
  readonly label: string
  /** Of its pages. */
  readonly origin: string
  readonly start: 'button' | 'at-once'
  readonly acrValues: readonly string[]
  /** Where the browser goes. */
  begin(browser: string, ticket: string, asked: ApplicationAsked): Promise<string>
}

/** What the application is told, as it is told it. Plain JSON. */
export interface ApplicationAsked {
  /** Absent when a person came to a page of ours. */
  readonly client_id?: string
  readonly client_name?: string
  readonly login_hint?: string
  /** Whether the person must prove himself anew, although he may be logged in over there. */
  readonly again: boolean
  readonly acr_values: readonly string[]
  readonly essential_acr_values: readonly string[]
  readonly ui_locales: readonly string[]
}

/** Adding a passkey on the account page. */
export interface PasskeyAdding {
  /** Options of a WebAuthn registration, as JSON. */
  options(browser: string, known: KnownPerson, name: string): Promise<string>
  add(browser: string, known: KnownPerson, answer: string): Promise<Result<Passkey, { readonly problem: string }>>
}

/** A login application of the operator's own, in front of us. */
export interface HeaderWay {
  /** Whom the proxy says to be there; `undefined` when it says nobody, or says it twice or in another spelling. */
  person(rawHeaders: readonly string[]): Promise<KnownPerson | undefined>
}
