import { fail, ok, type Result } from '@holdfast/x509'
import { refreshToken, refreshTokenRotation } from '../grant/refresh-token.ts'
import { withinAuthorization } from '../grant/within-authorization.ts'
import type { IssuedTokens } from '../port/authorization-store.ts'
import type { Failure } from '../protocol-error/failure.ts'
import type { DelegatedGrantPorts, DelegatedGrantSettings } from './delegated-grant-ports.ts'
import { earnedFromAuthorization, type NewRefreshToken, newRefreshToken } from './earned-from-authorization.ts'
import type { FurtherGrant } from './further-grant.ts'
import { keptOfAuthorization } from './kept-of-authorization.ts'
import { liveAuthorization } from './live-authorization.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/**
 * Gives new access tokens for refresh tokens (RFC 6749 §6).
 *
 * Rotation (RFC 9700 §4.14.2): a predecessor that comes again within the grace gets a successor of its own, since the answer
 * may have been lost; later somebody has a copy, and the authorization ends. A successor has the whole scope, whatever part
 * the access token was asked for. Where the first access token was bound, none that follows is a bearer token, also of a
 * client that may have such: the thief of its secret gains nothing.
 */
export function refreshTokenGrant(
  ports: DelegatedGrantPorts,
  settings: DelegatedGrantSettings & AuthorizationServerSettings,
): FurtherGrant {
  return async (asked) => {
    const { form, request, authenticated, binding, key, now } = asked
    const text = form.get('refresh_token')
    if (text === undefined) return fail({ reason: 'parameter_missing', parameter: 'refresh_token' })
    const digest = ports.opaqueTokens.digest(text)
    const found = await reach('refresh_tokens', () => ports.refreshTokens.find(digest))
    if (!found.ok) return found
    const record = found.value
    if (record === undefined) return fail({ reason: 'refresh_token_unknown' })
    const allowed = refreshToken(authenticated.client, record, request.certificate?.thumbprint, key, now)
    if (!allowed.ok) return allowed
    if (record.accessTokens === 'bound' && binding.confirmation === undefined) {
      return fail({ reason: 'binding_certificate_missing', role: request.role })
    }
    const authorization = await liveAuthorization(record.authorizationId, authenticated.client, ports, now)
    if (!authorization.ok) return authorization
    const limit = { ...authorization.value, scope: record.scope }
    const grant = withinAuthorization(form, 'refresh_token', authenticated, limit)
    if (!grant.ok) return grant
    const { expiresAt } = authorization.value.record
    const rotation = refreshTokenRotation(authenticated)
    const successor =
      rotation === 'kept'
        ? undefined
        : newRefreshToken(asked, record.authorizationId, record.scope, expiresAt, ports, settings)
    const keep = (tokens: IssuedTokens): Promise<Result<void, Failure>> =>
      successor === undefined
        ? keptOfAuthorization(record.authorizationId, tokens, ports.authorizations)
        : rotate(digest, successor, tokens, now, ports, settings)
    const by = { refreshToken: successor, keep }
    return ok(earnedFromAuthorization(grant.value, authorization.value, asked, by, ports, settings))
  }
}

async function rotate(
  digest: string,
  { kept: { digest: successor, record } }: NewRefreshToken,
  { accessToken, session }: IssuedTokens,
  now: number,
  { refreshTokens, authorizations }: DelegatedGrantPorts,
  { refreshTokenGrace }: DelegatedGrantSettings,
): Promise<Result<void, Failure>> {
  const beside = { accessToken, ...(session === undefined ? undefined : { session }) }
  const rotated = await reach('refresh_tokens', () =>
    refreshTokens.rotate(digest, successor, record, now, refreshTokenGrace, beside),
  )
  if (!rotated.ok) return rotated
  if (rotated.value === 'unknown') return fail({ reason: 'refresh_token_unknown' })
  if (rotated.value !== 'reused') return ok(undefined)
  const { authorizationId } = record
  const ended = await reach('authorizations', () => authorizations.revoke(authorizationId))
  return ended.ok ? fail({ reason: 'refresh_token_reused', authorizationId }) : ended
}
