import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthorizedGrant } from '../grant/authorized-grant.ts'
import { refreshTokenIsDue } from '../grant/refresh-token.ts'
import type { RefreshTokenRecord } from '../port/refresh-token-store.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { claimsForIdToken, idTokenClaims } from '../token/id-token.ts'
import type { DelegatedGrantPorts, DelegatedGrantSettings } from './delegated-grant-ports.ts'
import { encryptedAnswer } from './encrypted-answer.ts'
import type { EarnedTokens, FurtherGrantRequest } from './further-grant.ts'
import type { PersonsAuthorization } from './live-authorization.ts'
import { reach } from './reach.ts'

/** What of the first answer does not come again with later ones. */
export interface FirstAnswer {
  /** Of the authorization request. */
  readonly nonce?: string | undefined
  readonly refreshToken: 'new_if_due' | { readonly successor: string | undefined }
}

/** Puts together what a person's authorization earns: access token, refresh token where due, ID token for `openid`. */
export async function earnedFromAuthorization(
  grant: AuthorizedGrant,
  authorization: PersonsAuthorization,
  asked: FurtherGrantRequest,
  first: FirstAnswer,
  ports: DelegatedGrantPorts,
  settings: DelegatedGrantSettings & { readonly issuer: string },
): Promise<Result<EarnedTokens, Failure>> {
  const { id, record } = authorization
  const { client } = asked.authenticated
  let refreshToken = first.refreshToken === 'new_if_due' ? undefined : first.refreshToken.successor
  if (first.refreshToken === 'new_if_due' && refreshTokenIsDue(client, grant.scope)) {
    const { token, digest } = ports.opaqueTokens.create()
    const kept = await reach('refresh_tokens', () =>
      ports.refreshTokens.issue(digest, refreshTokenRecord(asked, id, grant.scope, record.expiresAt, settings)),
    )
    if (!kept.ok) return kept
    refreshToken = token
  }
  const details = grant.delegation?.authorizationDetails
  return ok({
    grant,
    ...(refreshToken === undefined ? undefined : { refreshToken }),
    ...(details === undefined ? undefined : { members: { authorization_details: details } }),
    issued: (jti, expiresAt) => reach('authorizations', () => ports.authorizations.issued(id, jti, expiresAt)),
    ...(grant.scope.includes('openid')
      ? { idToken: (accessToken) => idToken(accessToken, authorization, asked, first.nonce, ports, settings) }
      : undefined),
  } satisfies EarnedTokens)
}

/** What a refresh token stands for that is issued now. RFC 8705 §4: of a public client it is bound as the access token is. */
export function refreshTokenRecord(
  { authenticated, binding, now }: FurtherGrantRequest,
  authorizationId: string,
  scope: readonly string[],
  authorizationExpiresAt: number,
  { refreshTokenLifetime }: DelegatedGrantSettings,
): RefreshTokenRecord {
  const { confirmation } = binding
  return {
    clientId: authenticated.client.clientId,
    authorizationId,
    scope,
    ...(authenticated.method === 'none' && confirmation !== undefined ? { confirmation } : undefined),
    ...(confirmation === undefined ? undefined : { accessTokens: 'bound' }),
    issuedAt: now,
    expiresAt: Math.min(now + refreshTokenLifetime, authorizationExpiresAt),
  }
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
  if (sessionId !== undefined) {
    const joined = await reach('sessions', () => ports.sessions.joined(sessionId, clientId))
    if (!joined.ok) return joined
  }
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
