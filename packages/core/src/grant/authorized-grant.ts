import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { GrantType } from '../client-registration/registered-client.ts'
import type { Delegation } from './delegation.ts'

/** What a client may have, decided by one grant. */
export interface AuthorizedGrant {
  readonly grantType: GrantType
  readonly authenticated: AuthenticatedClient
  readonly subject: string
  readonly scope: readonly string[]
  /** At least one. */
  readonly audience: readonly string[]
  /** Absent where the client acts for itself. */
  readonly delegation?: Delegation
  readonly [proof]: 'authorized'
}
declare const proof: unique symbol

/** Mints the proof. For the grants of this folder, after their last check. */
export function authorizedGrant(facts: Omit<AuthorizedGrant, typeof proof>): AuthorizedGrant {
  return facts as AuthorizedGrant
}
