import { fail, ok, type Result } from '@holdfast/x509'
import { authorizationCode } from '../grant/authorization-code.ts'
import { withinAuthorization } from '../grant/within-authorization.ts'
import type { AuthorizationCodeRecord } from '../port/authorization-code-store.ts'
import type { IssuedTokens } from '../port/authorization-store.ts'
import type { Failure } from '../protocol-error/failure.ts'
import type { DelegatedGrantPorts, DelegatedGrantSettings } from './delegated-grant-ports.ts'
import { earnedFromAuthorization } from './earned-from-authorization.ts'
import type { FurtherGrant } from './further-grant.ts'
import { liveAuthorization } from './live-authorization.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/**
 * Redeems authorization codes (RFC 6749 §4.1.3).
 *
 * A code is used up only by a request that is right in all else: whoever has the wrong verifier or certificate cannot take
 * it from its owner. A second use by its owner ends everything that came from the first (RFC 9700 §4.5), also after its end.
 */
export function authorizationCodeGrant(
  ports: DelegatedGrantPorts,
  settings: DelegatedGrantSettings & AuthorizationServerSettings,
): FurtherGrant {
  return async (asked) => {
    const { form, authenticated, key, now } = asked
    const code = form.get('code')
    if (code === undefined) return fail({ reason: 'parameter_missing', parameter: 'code' })
    const digest = ports.opaqueTokens.digest(code)
    const found = await reach('authorization_codes', () => ports.authorizationCodes.find(digest))
    if (!found.ok) return found
    const record = found.value
    if (record === undefined) return fail({ reason: 'code_unknown' })
    const allowed = authorizationCode(form, authenticated.client, record, key, (text) => ports.hash.sha256(text))
    if (!allowed.ok) return allowed
    const authorization = await liveAuthorization(record.authorizationId, authenticated.client, ports, now)
    if (!authorization.ok) return authorization
    const limit = { ...authorization.value, scope: authorization.value.record.scope }
    const grant = withinAuthorization(form, 'authorization_code', authenticated, limit)
    if (!grant.ok) return grant
    const { nonce, expiresAt } = record
    if (expiresAt <= now) {
      const redeemed = await redeem(digest, record, undefined, ports)
      return redeemed.ok ? fail({ reason: 'code_expired', expiredAt: expiresAt, now }) : redeemed
    }
    const keep = (tokens: IssuedTokens): Promise<Result<void, Failure>> => redeem(digest, record, tokens, ports)
    const by = { nonce, refreshToken: 'new_if_due', keep } as const
    return ok(earnedFromAuthorization(grant.value, authorization.value, asked, by, ports, settings))
  }
}

async function redeem(
  digest: string,
  { authorizationId }: AuthorizationCodeRecord,
  earned: IssuedTokens | undefined,
  { authorizationCodes, authorizations }: DelegatedGrantPorts,
): Promise<Result<void, Failure>> {
  const redeemed = await reach('authorization_codes', () => authorizationCodes.redeem(digest, earned))
  if (!redeemed.ok) return redeemed
  if (redeemed.value === 'redeemed') return ok(undefined)
  if (redeemed.value === 'unknown') return fail({ reason: 'code_unknown' })
  const ended = await reach('authorizations', () => authorizations.revoke(authorizationId))
  return ended.ok ? fail({ reason: 'code_reused', authorizationId }) : ended
}
