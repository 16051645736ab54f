import type { AuditEvent } from '@holdfast/core'
import { failureText } from './failure-text.ts'
import { shortThumbprint } from './short-thumbprint.ts'

/** An event of the audit in one line: who, what, why. */
export function eventText(event: AuditEvent): string {
  const who = event.clientId ?? 'somebody'
  switch (event.event) {
    case 'request_refused':
      return `${who} was refused: ${event.failure.reason}: ${failureText(event.failure)}`
    case 'would_have_refused':
      return `${who} would have been refused: ${event.failure.reason}: ${failureText(event.failure)}`
    case 'token_issued':
      return `${who} got a token, ${event.boundTo === undefined ? 'bound to nothing' : `bound to the ${event.boundBy ?? 'certificate'} ${shortThumbprint(event.boundTo)}`}`
    case 'authorization_granted':
      return `${event.subject} let ${who} have ${event.scope.join(' ') || 'no scope'}`
    case 'userinfo_told':
      return `${who} was told about ${event.subject}: ${event.claims.join(', ')}`
    case 'decoupled_authorization_requested':
      return `${who} waits for ${event.subject ?? 'whoever enters the code'} to allow ${event.scope.join(' ') || 'no scope'}`
    case 'token_introspected':
      return `${who} asked about a token: ${event.active ? 'active' : 'not active'}`
    case 'unknown_revocation_accepted':
      return `${who} was trusted by “${event.trust}” although nobody can tell whether the certificate is revoked`
    case 'client_registered':
      return `${who} registered itself: ${event.method}, ${event.scope || 'no scope'}`
    case 'client_updated':
      return `${who} changed its registration: ${event.method}, ${event.scope || 'no scope'}`
    case 'client_removed':
      return `${who} removed its registration`
    case 'person_logged_in':
      return `${event.subject} logged in by ${event.way}`
    case 'login_refused':
      return `${event.subject ?? 'somebody'} was not let in by ${event.way}: ${event.failure.reason}`
    case 'person_logged_out':
      return `${event.subject} was logged out by ${event.by}`
    case 'logout_told':
      return `${who} was told of a logout: ${event.outcome}`
    case 'authorization_refused':
      return `${event.subject} did not let ${who} have ${event.scope.join(' ') || 'no scope'}`
    case 'authorization_revoked':
      return `${event.subject} took back what ${who} was allowed`
    case 'person_changed':
      return `${event.subject}: ${event.change}`
    case 'person_change_refused':
      return `${event.subject} may not: ${event.change}: ${event.failure.reason}`
    case 'token_revoked':
      return `${who} revoked a token: ${event.outcome}`
  }
}
