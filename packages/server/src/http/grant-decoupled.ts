import type {
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
) => Promise<boolean>

export function createGrantDecoupled(
  ports: {
    readonly authorizations: AuthorizationStore
    readonly decoupled: DecoupledAuthorizationStore
    readonly random: Random
    readonly clock: Clock
  },
  /** Seconds that an authorization lasts at most. */
  lifetime: () => number,
  /** Told after the decision: a CIBA client may wait to be pinged. */
  decided: (digest: string, record: DecoupledAuthorizationRecord) => Promise<void>,
): GrantDecoupled {
  const { authorizations, decoupled, random, clock } = ports
  return async (session, digest, record, decision) => {
    const { subject, sessionId, authentication } = session.login
    if (decision === 'deny') {
      const denied = await decoupled.decide(digest, 'denied')
      if (denied) await decided(digest, record)
      return denied
    }
    const id = random.identifier()
    const createdAt = clock.now()
    await authorizations.grant(id, {
      clientId: record.clientId,
      subject,
      sessionId,
      scope: record.scope,
      audience: record.audience,
      ...(record.authorizationDetails === undefined ? {} : { authorizationDetails: record.authorizationDetails }),
      authentication,
      createdAt,
      expiresAt: createdAt + lifetime(),
    })
    const allowed = await decoupled.decide(digest, { authorizationId: id })
    if (!allowed) await authorizations.revoke(id)
    else await decided(digest, record)
    return allowed
  }
}
