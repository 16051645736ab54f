import type { AuthorizationDetail } from '../port/authorization-store.ts'

/** What a grant carries where the client does not act for itself: whose permission it is, and by whom it is used. */
export interface Delegation {
  /** The authorization of a person that everything issued ends with; absent where no person gave one. */
  readonly authorizationId?: string
  /** RFC 9396, as granted. */
  readonly authorizationDetails?: readonly AuthorizationDetail[]
  /** RFC 8693 §4.1. */
  readonly actor?: ActorClaim
  /** Epoch seconds: when the token must have ended, whatever its lifetime. */
  readonly expiresAt?: number
}

/** Who acts for the subject, and for whom that one acts in turn: `act` (RFC 8693 §4.1). */
export interface ActorClaim {
  readonly sub: string
  readonly client_id?: string
  readonly act?: ActorClaim
}
