import { fail, ok } from '@holdfast/core'
import type { Result } from '@holdfast/core'

/** A successful token response (RFC 6749 §5.1), read strictly in what matters and leniently in what does not. */
export interface TokenResponse {
  readonly accessToken: string
  /** Lifetime in seconds from the moment of the answer; `undefined` when the server did not say. */
  readonly expiresIn: number | undefined
  readonly scope: readonly string[] | undefined
  readonly refreshToken: string | undefined
  /** Every member as it came. */
  readonly members: Readonly<Record<string, unknown>>
}

export type TokenResponseFailure =
  | { readonly reason: 'token_response_malformed'; readonly member: string }
  | { readonly reason: 'token_type_unsupported'; readonly presented: string }

/** Reads the body of a 200 from the token endpoint. RFC 6749 §5.1, §7.1. */
export function tokenResponse(body: unknown): Result<TokenResponse, TokenResponseFailure> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return malformed('(body)')
  const members = body as Readonly<Record<string, unknown>>
  const {
    access_token: accessToken,
    token_type: type,
    expires_in: lifetime,
    scope,
    refresh_token: refreshToken,
  } = members
  if (typeof accessToken !== 'string' || !/^[A-Za-z0-9\-._~+/]+=*$/.test(accessToken)) return malformed('access_token')
  if (typeof type !== 'string') return malformed('token_type')
  if (type.toLowerCase() !== 'bearer') return fail({ reason: 'token_type_unsupported', presented: type })
  // Several servers write the number as a string.
  const expiresIn = typeof lifetime === 'string' && /^\d{1,10}$/.test(lifetime) ? Number(lifetime) : lifetime
  if (expiresIn !== undefined && (typeof expiresIn !== 'number' || !(expiresIn >= 0))) return malformed('expires_in')
  if (scope !== undefined && typeof scope !== 'string') return malformed('scope')
  if (refreshToken !== undefined && typeof refreshToken !== 'string') return malformed('refresh_token')
  return ok({
    accessToken,
    expiresIn,
    scope: scope?.split(' ').filter((name) => name !== ''),
    refreshToken,
    members,
  })
}

function malformed(member: string) {
  return fail({ reason: 'token_response_malformed', member } as const)
}
