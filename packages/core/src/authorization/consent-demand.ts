import type { AuthorizationRegistration } from '../client-registration/authorization-registration.ts'
import type { AuthorizationRecord } from '../port/authorization-store.ts'
import type { AuthorizationRequest } from './authorization-request.ts'

/**
 * Decides whether the person must be asked.
 *
 * OpenID Connect Core §3.1.2.4. What was allowed before is not asked again, as long as it lives and nothing is new;
 * authorization details are about one thing at one time and are always asked. A public client can be imitated, so it is
 * always asked about (RFC 6749 §10.2, RFC 8252 §8.6).
 */
export function consentDemand(
  request: AuthorizationRequest,
  registration: Pick<AuthorizationRegistration, 'consent'>,
  client: 'public' | 'confidential',
  remembered: readonly AuthorizationRecord[],
): 'ask' | 'go_on' {
  if (request.prompt.includes('consent')) return 'ask'
  if (registration.consent === 'never') return 'go_on'
  if (registration.consent === 'always' || client === 'public' || request.authorizationDetails.length > 0) return 'ask'
  const asked = wishedClaims(request.claims)
  const allowed = remembered.some(
    (record) =>
      record.clientId === request.clientId &&
      request.scope.every((one) => record.scope.includes(one)) &&
      request.audience.every((one) => record.audience.includes(one)) &&
      asked.every((claim) => wishedClaims(record.claims).includes(claim)),
  )
  return allowed ? 'go_on' : 'ask'
}

/** What the person left of the scope: never more than was asked, and `openid` as it was. */
export function consentedScope(request: AuthorizationRequest, left: readonly string[]): readonly string[] {
  return request.scope.filter((one) => one === 'openid' || left.includes(one))
}

function wishedClaims(claims: AuthorizationRecord['claims']): readonly string[] {
  return [...Object.keys(claims?.id_token ?? {}), ...Object.keys(claims?.userinfo ?? {})]
}
