import type { TokenDigest } from './access-token-store.ts'
import type { EpochSeconds } from './clock.ts'

/** A client that registered itself or was added by an administrator (RFC 7591, RFC 7592). Plain JSON. */
export interface StoredClient {
  readonly clientId: string
  /** Grows by one with every change. */
  readonly version: number
  /** As registered, by the names of RFC 7591: parsed again whenever it is read. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly registrationTokenDigest?: TokenDigest
  readonly disabled: boolean
  readonly createdAt: EpochSeconds
}

export interface ClientRegistrationStore {
  find(clientId: string): Promise<StoredClient | undefined>
  /** `false` when the id is in use. */
  add(client: StoredClient): Promise<boolean>
  /** Replaces the one whose version is `expected`; `false` when it changed meanwhile or is gone. */
  replace(client: StoredClient, expected: number): Promise<boolean>
  remove(clientId: string): Promise<boolean>
  list(after: string | undefined, limit: number): Promise<readonly StoredClient[]>
  /** Grows with every change of any client, in any process: for caches. */
  revision(): Promise<number>
}
