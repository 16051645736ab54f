import type { ClientRegistrationStore, StoredClient } from '@holdfast/core'
import { type Breakable, breakable } from './breakable.ts'

/** Keeps registered clients in memory. */
export function inMemoryClientRegistrationStore(): ClientRegistrationStore & Breakable {
  const clients = new Map<string, StoredClient>()
  let revision = 0
  const keep = (client: StoredClient): boolean => {
    clients.set(client.clientId, structuredClone(client))
    revision++
    return true
  }
  return breakable<ClientRegistrationStore>({
    find: (clientId) => Promise.resolve(structuredClone(clients.get(clientId))),
    add: (client) => Promise.resolve(!clients.has(client.clientId) && keep(client)),
    replace: (client, expected) =>
      Promise.resolve(clients.get(client.clientId)?.version === expected && keep({ ...client, version: expected + 1 })),
    remove(clientId) {
      const removed = clients.delete(clientId)
      if (removed) revision++
      return Promise.resolve(removed)
    },
    list: (after, limit) =>
      Promise.resolve(
        [...clients.values()]
          .filter(({ clientId }) => after === undefined || clientId > after)
          .toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1))
          .slice(0, limit)
          .map((client) => structuredClone(client)),
      ),
    revision: () => Promise.resolve(revision),
  })
}
