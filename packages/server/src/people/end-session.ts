import type { Audit, AuthorizationStore, Clock, PersonEvent, SessionRecord } from '@holdfast/core'

/**
 * What follows from the end of a login session: what was allowed in it ends, but for what may go on while the person is away
 * (`offline_access`, OpenID Connect Back-Channel Logout §2.7), the clients are told, and it is written down. Answers how many
 * clients are told.
 */
export type EndSession = (ended: SessionRecord, by: EndedBy, correlationId: string) => Promise<number>

export type EndedBy = Extract<PersonEvent, { readonly event: 'person_logged_out' }>['by']

export interface EndSessionPorts {
  readonly authorizations: AuthorizationStore
  readonly tell: (ended: SessionRecord, correlationId: string) => Promise<number>
  readonly audit: Audit
  readonly clock: Clock
}

export function createEndSession({ authorizations, tell, audit, clock }: EndSessionPorts): EndSession {
  return async (ended, by, correlationId) => {
    const { subject, sessionId } = ended
    const theirs = await authorizations.ofSubject(subject, mostAuthorizations)
    const over = theirs.filter(
      ({ record }) => record.sessionId === sessionId && !record.scope.includes('offline_access'),
    )
    for (const { id } of over) await authorizations.revoke(id)
    const clientsTold = await tell(ended, correlationId)
    await audit.record({
      event: 'person_logged_out',
      correlationId,
      at: clock.now(),
      clientId: undefined,
      certificateThumbprint: undefined,
      subject,
      sessionId,
      by,
      authorizationsEnded: over.length,
      clientsTold,
    })
    return clientsTold
  }
}

/** Of one person. */
const mostAuthorizations = 1000
