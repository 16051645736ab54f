/**
 * What people did at login and on their account, or were not let do. No password, code or token, and no name that somebody typed:
 * it may be a password in the wrong field.
 */
export type PersonEvent =
  | {
      readonly event: 'person_logged_in'
      readonly way: LoginWay
      readonly subject: string
      /** `sid` of OpenID Connect logout. */
      readonly sessionId: string
      readonly amr: readonly string[]
      readonly acr: string | undefined
      /** Of the browser. */
      readonly address: string
    }
  | {
      readonly event: 'login_refused'
      readonly way: LoginWay
      /** Who it would have been, where that is known. */
      readonly subject: string | undefined
      readonly failure: PersonFailure
      readonly address: string
    }
  | {
      /** A login ended, and with it what was allowed in it. */
      readonly event: 'person_logged_out'
      readonly subject: string
      readonly sessionId: string
      /**
       * By the person here, by a client's request, on the account page in another browser, with a new password, or because
       * somebody else logged in here.
       */
      readonly by: 'person' | 'client' | 'account' | 'new_password' | 'another_person'
      readonly authorizationsEnded: number
      /** How many clients are told. */
      readonly clientsTold: number
    }
  | {
      /** A client was told that a login has ended, or did not take it; then it is told again. */
      readonly event: 'logout_told'
      readonly sessionId: string
      readonly outcome: 'delivered' | 'failed'
      readonly attempts: number
    }
  | {
      /** A person said no to a client that waited on another channel. */
      readonly event: 'authorization_refused'
      readonly subject: string
      readonly kind: 'device_code' | 'ciba'
      readonly scope: readonly string[]
    }
  | {
      /** A person took back what a client was allowed. */
      readonly event: 'authorization_revoked'
      readonly subject: string
      readonly authorizationId: string
    }
  | {
      /** A person changed how to log in. */
      readonly event: 'person_changed'
      readonly subject: string
      readonly change: PersonChange
      /** The credential that came or went. */
      readonly passkey?: string
      /** How many recovery codes are left. */
      readonly left?: number
    }
  | {
      readonly event: 'person_change_refused'
      readonly subject: string
      readonly change: PersonChange
      readonly failure: PersonFailure
    }

export type LoginWay =
  | 'password'
  /** A password and a code after it. */
  | 'code'
  /** A password and a recovery code after it. */
  | 'recovery_code'
  | 'passkey'
  | 'certificate'
  | 'upstream'
  | 'header'
  | 'application'

export type PersonChange =
  | 'password_changed'
  | 'codes_added'
  | 'codes_removed'
  | 'recovery_codes_made'
  | 'recovery_code_used'
  | 'passkey_added'
  | 'passkey_removed'

/** Why, with the facts. */
export interface PersonFailure {
  readonly reason: string
  readonly [fact: string]: unknown
}
