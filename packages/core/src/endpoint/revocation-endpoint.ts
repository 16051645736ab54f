import { fail, ok, type Result } from '@holdfast/x509'
import type { RefreshTokenRecord } from '../port/refresh-token-store.ts'
import type { Answer } from '../protocol-error/answer.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { auditContext } from './audit-context.ts'
import { refusal } from './audited-answer.ts'
import { authenticateAt } from './authenticate-at.ts'
import type { BackChannelEndpoint } from './endpoint.ts'
import type { TokenManagementPorts } from './ports.ts'
import { presentedToken } from './presented-token.ts'
import { reach } from './reach.ts'
import type { Reporting } from './report-only.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/**
 * The revocation endpoint (RFC 7009 §2): ends a token of the client that asks.
 *
 * A token that nobody knows, or that has ended by itself, is answered like one that was revoked. When the store cannot
 * take it, the answer is 503: never success for a token that lives on.
 */
export function createRevocationEndpoint(
  ports: TokenManagementPorts,
  settings: AuthorizationServerSettings,
): BackChannelEndpoint {
  return async (request) => {
    const now = ports.clock.now()
    const context = auditContext(request, ports, now)
    const revoked = await revoke({ request, context, ports, settings, now }, ports)
    if (!revoked.ok) return refusal(request, 'revocation', revoked.failure, context, ports.audit)
    const recorded = await reach('audit', () =>
      ports.audit.record({ ...context, event: 'token_revoked', ...revoked.value }),
    )
    if (!recorded.ok) return refusal(request, 'revocation', recorded.failure, context, ports.audit)
    return done
  }
}

interface Revocation {
  readonly clientId: string
  /** The `jti`, or the digest of an opaque token; empty when the token is not one of ours. */
  readonly tokenId: string
  readonly outcome: 'revoked' | 'unknown'
}

async function revoke(asking: Reporting, ports: TokenManagementPorts): Promise<Result<Revocation, Failure>> {
  const {
    request: { form },
    settings,
    now,
  } = asking
  if (!form.ok) return form
  const caller = await authenticateAt('revocation', form.value, asking)
  if (!caller.ok) return caller
  const { clientId } = caller.value.client
  const text = form.value.get('token')
  if (text === undefined) return fail({ reason: 'parameter_missing', parameter: 'token' })
  const found = await presentedToken(text, ports, settings.issuer)
  if (!found.ok) return found
  const presented = found.value
  if (presented.format === 'unknown') return ok({ clientId, tokenId: '', outcome: 'unknown' })
  if (presented.format === 'refresh') return revokeAuthorization(presented, clientId, ports)
  const { token } = presented
  if (token.clientId !== clientId) return fail({ reason: 'token_of_another_client', owner: token.clientId })
  if (presented.format === 'opaque') {
    const { digest } = presented
    const outcome = await reach('access_tokens', () => ports.accessTokens.revoke(digest, clientId))
    return outcome.ok ? ok({ clientId, tokenId: digest, outcome: outcome.value }) : outcome
  }
  const { jti } = presented
  if (token.expiresAt <= now) return ok({ clientId, tokenId: jti, outcome: 'unknown' })
  const kept = await reach('revoked_tokens', () => ports.revokedTokens.revoke(jti, token.expiresAt))
  return kept.ok ? ok({ clientId, tokenId: jti, outcome: 'revoked' }) : kept
}

/** RFC 7009 §2.1: what came from the same authorization ends with its refresh token. */
async function revokeAuthorization(
  { record, digest }: { readonly record: RefreshTokenRecord; readonly digest: string },
  clientId: string,
  { delegations }: TokenManagementPorts,
): Promise<Result<Revocation, Failure>> {
  if (record.clientId !== clientId) return fail({ reason: 'token_of_another_client', owner: record.clientId })
  const ended = await reach('authorizations', () => delegations?.authorizations.revoke(record.authorizationId))
  return ended.ok ? ok({ clientId, tokenId: digest, outcome: 'revoked' }) : ended
}

const done: Answer = {
  status: 200,
  headers: Object.freeze({ 'cache-control': 'no-store', pragma: 'no-cache' }),
  body: '',
}
