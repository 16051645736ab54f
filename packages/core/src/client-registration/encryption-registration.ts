import type { JweMethod } from '../jose/jwe-algorithm.ts'
import type { KeySource } from './registered-client.ts'

/** What a client registered to be encrypted: parsed once by encryption-metadata.ts. `undefined`: signed only. */
export interface EncryptionRegistration {
  readonly idToken: JweMethod | undefined
  readonly userinfo: JweMethod | undefined
  /** Of the authorization endpoint (JARM §3). */
  readonly authorizationResponse: JweMethod | undefined
  /** RFC 9701 §6. */
  readonly introspection: JweMethod | undefined
  /** With which method the client encrypts its request objects when it does; `undefined`: with any that is offered. */
  readonly requestObject: JweMethod | undefined
  /** Whose keys the answers are encrypted to; `undefined` where no answer is. */
  readonly keys: KeySource | undefined
}
