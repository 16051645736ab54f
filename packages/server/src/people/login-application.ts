import type { AuthenticationEvent, Clock, OneTimeStore, OpaqueTokens } from '@holdfast/core'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import type { LoginApplicationConfiguration } from '../config/resolve-login-application.ts'
import type { ApplicationAsked, ApplicationWay } from '../http/login-ways.ts'
import type { KnownPerson, PeopleDirectory } from './people-directory.ts'
import type { ApplicationAnswer } from './application-answer.ts'
import { normalizedName } from './person.ts'

/**
 * A login application of the operator's own. The browser takes a handle there; the application says over the back channel who it
 * was, and gets the address at which the browser comes back.
 *
 * The handle alone lets nobody in, since it may have been begun by somebody else in his own browser: what leads back is known only
 * to the browser in which the person was, and is good only in the one where the login began.
 */
export interface LoginApplication extends ApplicationWay {
  /** What the application may know of a login that waits. */
  describe(handle: string): Promise<ApplicationAsked | undefined>
  /** Takes the application's word, once; where to send the browser. */
  answer(handle: string, answer: ApplicationAnswer): Promise<Result<string, ApplicationProblem>>
  /** The browser came back: who it is, once, in the browser where it began. */
  finish(browser: string, shown: string | undefined): Promise<FinishedLogin | undefined>
}

/** Why the application's word is not taken. `told` is for the application. */
export interface ApplicationProblem {
  readonly reason:
    | 'handle_unknown'
    | 'person_unknown'
    | 'authentication_too_old'
    | 'authentication_in_the_future'
    | 'authentication_context_unknown'
    | 'authentication_context_unmet'
  readonly told: string
  /** Who it would have been. */
  readonly subject?: string
}

export interface FinishedLogin {
  readonly ticket: string
  /** Absent when the application let nobody in. */
  readonly who: { readonly known: KnownPerson; readonly authentication: AuthenticationEvent } | undefined
}

/** Plain JSON. */
export interface WaitingLogin {
  /** Digest of the browser's cookie. */
  readonly browser: string
  readonly ticket: string
  readonly asked: ApplicationAsked
  readonly startedAt: number
}

/** Plain JSON. */
export interface DecidedLogin {
  readonly browser: string
  readonly ticket: string
  readonly who: { readonly subject: string; readonly authentication: AuthenticationEvent } | undefined
}

export interface LoginApplicationPorts {
  readonly waiting: OneTimeStore<WaitingLogin>
  readonly decided: OneTimeStore<DecidedLogin>
  readonly tokens: OpaqueTokens & { identifier(): string }
  readonly people: PeopleDirectory
  readonly clock: Clock
}

/** `back`: where browsers come back to. */
export function createLoginApplication(
  settings: LoginApplicationConfiguration,
  back: string,
  { waiting, decided, tokens, people, clock }: LoginApplicationPorts,
): LoginApplication {
  return {
    label: settings.label,
    origin: new URL(settings.url).origin,
    start: settings.start,
    acrValues: settings.acrValues,
    begin: async (browser, ticket, asked) => {
      const { token, digest } = tokens.create()
      const startedAt = clock.now()
      const entry = { browser: tokens.digest(browser), ticket, asked, startedAt }
      await waiting.keep(digest, entry, startedAt + lifetime)
      const url = new URL(settings.url)
      url.searchParams.set('handle', token)
      return url.href
    },
    describe: async (handle) => (await find(handle))?.asked,
    answer: async (handle, answer) => {
      const login = await find(handle)
      if (login === undefined) return unknownHandle
      const judged = answer.kind === 'accept' ? await judge(login, answer) : ok(undefined)
      if (!judged.ok) return judged
      const who = judged.value
      // Of two answers the second finds nothing.
      if ((await waiting.take(tokens.digest(handle))) === undefined) return unknownHandle
      const { token, digest } = tokens.create()
      const { browser, ticket } = login
      await decided.keep(digest, { browser, ticket, who }, clock.now() + returnLifetime)
      return ok(`${back}?return=${token}`)
    },
    finish: async (browser, shown) => {
      if (shown === undefined || shown.length > longestHandle) return undefined
      const digest = tokens.digest(shown)
      const kept = await decided.find(digest)
      if (kept?.browser !== tokens.digest(browser)) return undefined
      if ((await decided.take(digest)) === undefined) return undefined
      const { ticket, who } = kept
      const known = who && (await people.find(who.subject))
      if (who === undefined || known === undefined || known.person.disabled === true) return { ticket, who: undefined }
      return { ticket, who: { known, authentication: who.authentication } }
    },
  }

  async function find(handle: string): Promise<WaitingLogin | undefined> {
    return handle.length > longestHandle ? undefined : waiting.find(tokens.digest(handle))
  }

  async function judge(
    { asked, startedAt }: WaitingLogin,
    answer: Extract<ApplicationAnswer, { kind: 'accept' }>,
  ): Promise<Result<NonNullable<DecidedLogin['who']>, ApplicationProblem>> {
    const { authTime, amr, acr } = answer
    const now = clock.now()
    const known =
      'subject' in answer.who ? await people.find(answer.who.subject) : await named(answer.who.username, answer.claims)
    if (known === undefined || known.person.disabled === true)
      return fail({ reason: 'person_unknown', told: 'nobody here may log in by this name' })
    const problem = (reason: ApplicationProblem['reason'], told: string): Result<never, ApplicationProblem> =>
      fail({ reason, told, subject: known.subject })
    if (authTime > now + skew) return problem('authentication_in_the_future', 'auth_time is in the future')
    if (asked.again && authTime < startedAt)
      return problem(
        'authentication_too_old',
        'the client wants the person to prove himself anew: auth_time is too old',
      )
    if (acr !== undefined && !settings.acrValues.includes(acr))
      return problem('authentication_context_unknown', 'acr is not in people.login-application.acr-values')
    if (asked.essential_acr_values.length > 0 && !asked.essential_acr_values.includes(acr ?? ''))
      return problem('authentication_context_unmet', 'acr is none of essential_acr_values')
    const authentication = { time: Math.min(authTime, now), amr, ...(acr === undefined ? {} : { acr }) }
    return ok({ subject: known.subject, authentication })
  }

  async function named(username: string, claims: Readonly<Record<string, unknown>>): Promise<KnownPerson | undefined> {
    const value = normalizedName(username)
    const known = await people.findByLogin({ kind: 'name', value })
    if (known !== undefined || settings.unknownPeople === 'refuse' || value === '') return known
    const person = { userName: username, claims, passkeys: [], upstream: [], certificates: [] }
    const subject = tokens.identifier()
    await people.change({ subject, person, source: 'store', version: 0 }, person)
    return people.findByLogin({ kind: 'name', value })
  }
}

const unknownHandle: Result<never, ApplicationProblem> = fail({
  reason: 'handle_unknown',
  told: 'no login waits behind this handle: it is used, too old or never was',
})

/** Seconds to log in over there. */
const lifetime = 900

/** Seconds that a redirect takes. */
const returnLifetime = 60

/** Clocks that are not quite together. */
const skew = 30

/** Longer than any of ours. */
const longestHandle = 256
