import type { AuthorizationStore, SessionRecord } from '@holdfast/core'

/**
 * What follows from the end of login sessions: what was allowed in them ends, but for what may go on while the person is away
 * (`offline_access`, OpenID Connect Back-Channel Logout §2.7), and the clients are told. Answers how many are told.
 */
export type EndSession = (ended: readonly SessionRecord[]) => Promise<number>

export function createEndSession(
  authorizations: AuthorizationStore,
  tell: (ended: SessionRecord) => Promise<number>,
): EndSession {
  return async (ended) => {
    let told = 0
    for (const session of ended) {
      const theirs = await authorizations.ofSubject(session.subject, mostAuthorizations)
      for (const { id, record } of theirs)
        if (record.sessionId === session.sessionId && !record.scope.includes('offline_access'))
          await authorizations.revoke(id)
      told += await tell(session)
    }
    return told
  }
}

/** Of one person. */
const mostAuthorizations = 1000
