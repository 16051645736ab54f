import type { GrantType, RegisteredClient } from '@holdfast/core'
import { registeredNames } from '../registered-names.ts'
import type { RegisteredNames } from '../registered-names.ts'

/** The clients of a configuration. Going through all of them is for tools; a server finds the one that asks. */
export interface ConfiguredClients extends Iterable<RegisteredClient> {
  readonly size: number
  find(clientId: string): RegisteredClient | undefined
  /** What is true of them as a whole. */
  summary(): ClientsSummary
}

/** Plain data. */
export interface ClientsSummary {
  /** What at least one of them may use. */
  readonly grantTypes: readonly GrantType[]
  /** Seconds; 0 when nobody has one of his own. */
  readonly longestAccessTokenLifetime: number
  readonly names: RegisteredNames
}

/** Clients that stay parsed. */
export function configuredClients(list: readonly RegisteredClient[]): ConfiguredClients {
  const byId = new Map(list.map((client) => [client.clientId, client]))
  let summary: ClientsSummary | undefined
  return {
    size: list.length,
    find: (clientId) => byId.get(clientId),
    summary: () => (summary ??= summaryOf(list)),
    [Symbol.iterator]: () => list[Symbol.iterator](),
  }
}

function summaryOf(list: readonly RegisteredClient[]): ClientsSummary {
  const lifetimes = list.map(({ accessTokenLifetime = 0 }) => accessTokenLifetime)
  return {
    grantTypes: [...new Set(list.flatMap((client) => client.grantTypes))],
    longestAccessTokenLifetime: lifetimes.reduce((longest, one) => Math.max(longest, one), 0),
    names: registeredNames(list),
  }
}
