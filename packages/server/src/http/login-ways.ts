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
}

export interface PasskeyWay {
  /** Options of a WebAuthn request for this browser, as JSON. */
  loginOptions(browser: string): string
  login(browser: string, answer: string, address: string): Promise<Result<KnownPerson, { readonly problem: string }>>
}

export interface UpstreamWay {
  readonly name: string
  readonly label: string
  /** Of its pages. */
  readonly origin: string
  /** Where the browser goes; `undefined` when the provider cannot be reached. */
  begin(browser: string, ticket: string): Promise<string | undefined>
}

export interface CertificateWay {
  /** Of the host that asks for certificates. */
  readonly origin: string
  begin(browser: string, ticket: string): string
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
