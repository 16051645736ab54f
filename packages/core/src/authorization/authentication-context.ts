import type { AuthenticationEvent } from '../port/authorization-store.ts'

/**
 * The first of these authentication contexts that the login is or meets; `undefined` when it is none of them.
 *
 * OpenID Connect Core §3.1.2.1 (`acr_values`: in the order of preference), §5.5.1.1.
 */
export function reportedContext(
  wanted: readonly string[],
  { acr, meets = [] }: AuthenticationEvent,
): string | undefined {
  return wanted.find((context) => context === acr || meets.includes(context))
}

/** The login as the client of a request is told of it: in its own words where they fit. */
export function authenticationFor(
  { essentialAcr, acrValues }: { readonly essentialAcr: readonly string[]; readonly acrValues: readonly string[] },
  authentication: AuthenticationEvent,
): AuthenticationEvent {
  const { time, amr } = authentication
  const acr =
    reportedContext(essentialAcr, authentication) ?? reportedContext(acrValues, authentication) ?? authentication.acr
  return { time, amr, ...(acr === undefined ? {} : { acr }) }
}
