import { inMemoryAuthorizationStores } from '../store/in-memory-authorization-stores.ts'
import { inMemoryOneTimeStore } from '../store/in-memory-one-time-store.ts'
import { inMemorySessionStore } from '../store/in-memory-session-store.ts'
import type { AuthorizationStoresUnderTest } from './authorization-stores-under-test.ts'

/** All that the contracts of authorizations look at, in memory. */
export function inMemoryStoresUnderTest(clock: { now(): number }): AuthorizationStoresUnderTest {
  return inMemoryAuthorizationStores(clock, {
    oneTime: { interaction: inMemoryOneTimeStore(clock), pushed_request: inMemoryOneTimeStore(clock) },
    sessions: inMemorySessionStore(clock),
  })
}
