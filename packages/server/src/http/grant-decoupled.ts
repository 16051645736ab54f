import { authenticationFor } from '@holdfast/core/people'
import type {
  Audit,
  AuthorizationStore,
  Clock,
  DecoupledAuthorizationRecord,
  DecoupledAuthorizationStore,
  Random,
} from '@holdfast/core'
import type { LiveSession } from '../people/login-sessions.ts'

/**
 * Writes down what a person decided about a waiting request; `false` when somebody was faster, or it is over. The authorization is
 * kept before the decision: a poll that finds `approved` finds it, too.
 */
export type GrantDecoupled = (
  session: LiveSession,
  digest: string,
  record: DecoupledAuthorizationRecord,
  decision: 'allow' | 'deny',
  correlationId: string,
) => Promise<boolean>

export function createGrantDecoupled(
  ports: {
    readonly authorizations: AuthorizationStore
    readonly decoupled: DecoupledAuthorizationStore
    readonly random: Random
    readonly clock: Clock
    readonly audit: Audit
  },
  /** Seconds that an authorization lasts at most. */
  lifetime: () => number,
  /** Told after the decision: a CIBA client may wait to be pinged. */
  decided: (digest: string, record: DecoupledAuthorizationRecord) => Promise<void>,
): GrantDecoupled {
  const { authorizations, decoupled, random, clock, audit } = ports
  return async (session, digest, record, decision, correlationId) => {
    const { subject, sessionId, authentication } = session.login
    const createdAt = clock.now()
    const context = { correlationId, at: createdAt, clientId: record.clientId, certificateThumbprint: undefined }
    if (decision === 'deny') {
      const denied = await decoupled.decide(digest, 'denied')
      if (!denied) return false
      const { kind, scope } = record
      await audit.record({ ...context, event: 'authorization_refused', subject, kind, scope })
      await decided(digest, record)
      return true
    }
    const id = random.identifier()
    await authorizations.grant(id, {
      clientId: record.clientId,
      subject,
      sessionId,
      scope: record.scope,
      audience: record.audience,
      ...(record.authorizationDetails === undefined ? {} : { authorizationDetails: record.authorizationDetails }),
      authentication: authenticationFor({ essentialAcr: [], acrValues: record.acrValues ?? [] }, authentication),
      createdAt,
      expiresAt: createdAt + lifetime(),
    })
    const allowed = await decoupled.decide(digest, { authorizationId: id })
    if (!allowed) {
      await authorizations.revoke(id)
      return false
    }
    const { kind, scope, audience } = record
    await audit.record({
      ...context,
      event: 'authorization_granted',
      authorizationId: id,
      subject,
      scope,
      audience,
      responseType: kind,
    })
    await decided(digest, record)
    return true
  }
}
