import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { Awaitable } from './awaitable.ts'

export interface ClientStore {
  /** The client as registered now, disabled ones included; `undefined` when there is none. Rejects when the store is away. */
  find(clientId: string): Awaitable<RegisteredClient | undefined>
}
