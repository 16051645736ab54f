import { fail, type Result } from '@holdfast/x509'
import type { AuthorizedGrant } from '../grant/authorized-grant.ts'
import { refreshTokenIsDue } from '../grant/refresh-token.ts'
import type { TokenDigest } from '../port/access-token-store.ts'
import type { IssuedTokens } from '../port/authorization-store.ts'
import type { RefreshTokenRecord } from '../port/refresh-token-store.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { claimsForIdToken, idTokenClaims } from '../token/id-token.ts'
import type { DelegatedGrantPorts, DelegatedGrantSettings } from './delegated-grant-ports.ts'
import { encryptedAnswer } from './encrypted-answer.ts'
import type { EarnedTokens, FurtherGrantRequest } from './further-grant.ts'
import type { PersonsAuthorization } from './live-authorization.ts'

/** What only the grant knows that the authorization stands behind. */
export interface EarnedBy {
  /** Of the authorization request. */
  readonly nonce?: string | undefined
  /** A new refresh token where one is due, the one that replaces another, or none. */
  readonly refreshToken: 'new_if_due' | NewRefreshToken | undefined
  /** Keeps what is earned, and uses up what it is earned with. */
  readonly keep: (tokens: IssuedTokens) => Promise<Result<void, Failure>>
}

/** A refresh token as its client gets it, and as it is kept. */
export interface NewRefreshToken {
  readonly token: string
  readonly kept: { readonly digest: TokenDigest; readonly record: RefreshTokenRecord }
}

/** Puts together what a person's authorization earns: access token, refresh token where due, ID token for `openid`. */
export function earnedFromAuthorization(
  grant: AuthorizedGrant,
  authorization: PersonsAuthorization,
  asked: FurtherGrantRequest,
  by: EarnedBy,
  ports: DelegatedGrantPorts,
  settings: DelegatedGrantSettings & { readonly issuer: string },
): EarnedTokens {
  const { id, record } = authorization
  const { client } = asked.authenticated
  const due = by.refreshToken === 'new_if_due' && refreshTokenIsDue(client, grant.scope)
  const refreshToken = due
    ? newRefreshToken(asked, id, grant.scope, record.expiresAt, ports, settings)
    : by.refreshToken === 'new_if_due'
      ? undefined
      : by.refreshToken
  const identified = grant.scope.includes('openid')
  const { sessionId } = record
  const details = grant.delegation?.authorizationDetails
  return {
    grant,
    ...(refreshToken === undefined ? undefined : { refreshToken: refreshToken.token }),
    ...(details === undefined ? undefined : { members: { authorization_details: details } }),
    settle: (accessToken) =>
      by.keep({
        accessToken,
        ...(refreshToken === undefined ? undefined : { refreshToken: refreshToken.kept }),
        ...(identified && sessionId !== undefined ? { session: { sessionId, clientId: client.clientId } } : undefined),
      }),
    ...(identified
      ? { idToken: (accessToken) => idToken(accessToken, authorization, asked, by.nonce, ports, settings) }
      : undefined),
  }
}

/** Makes a refresh token. RFC 8705 §4: of a public client it is bound as the access token is. */
export function newRefreshToken(
  { authenticated, binding, now }: FurtherGrantRequest,
  authorizationId: string,
  scope: readonly string[],
  authorizationExpiresAt: number,
  { opaqueTokens }: Pick<DelegatedGrantPorts, 'opaqueTokens'>,
  { refreshTokenLifetime }: DelegatedGrantSettings,
): NewRefreshToken {
  const { confirmation } = binding
  const { token, digest } = opaqueTokens.create()
  const record: RefreshTokenRecord = {
    clientId: authenticated.client.clientId,
    authorizationId,
    scope,
    ...(authenticated.method === 'none' && confirmation !== undefined ? { confirmation } : undefined),
    ...(confirmation === undefined ? undefined : { accessTokens: 'bound' }),
    issuedAt: now,
    expiresAt: Math.min(now + refreshTokenLifetime, authorizationExpiresAt),
  }
  return { token, kept: { digest, record } }
}

async function idToken(
  accessToken: string,
  { record, subject, person }: PersonsAuthorization,
  { authenticated, now }: FurtherGrantRequest,
  nonce: string | undefined,
  ports: DelegatedGrantPorts,
  settings: DelegatedGrantSettings & { readonly issuer: string },
): Promise<Result<string, Failure>> {
  const { clientId } = authenticated.client
  const { sessionId } = record
  const facts = {
    issuer: settings.issuer,
    clientId,
    subject,
    issuedAt: now,
    lifetime: settings.idTokenLifetime,
    nonce,
    authentication: record.authentication,
    sessionId,
    claims: claimsForIdToken(record.claims, person),
    boundTo: { accessToken },
  }
  const claims = idTokenClaims(facts, settings.signingAlgorithm, ports.hash)
  try {
    const signed = await ports.signer.sign('JWT', JSON.stringify(claims))
    return await encryptedAnswer(signed, authenticated.client, 'idToken', ports)
  } catch (cause) {
    return fail({ reason: 'signing_unavailable', cause })
  }
}
