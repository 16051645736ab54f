import { parseClientMetadata } from '@holdfast/core'
import type { Clock, MetadataProblem, StoredClient } from '@holdfast/core'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { createRandomIdentifiers } from '../adapter/random-identifiers.ts'
import { systemClock } from '../adapter/system-clock.ts'
import { clientSecretHash } from '../client-secret/client-secret-hash.ts'
import { secretProblems } from '../client-secret/secret-problems.ts'
import type { Configuration } from '../config/configuration.ts'
import { openStore } from '../store/open-store.ts'

/** The clients in the store of a configuration, for one who operates them beside the running servers: these ask the store each time. */
export interface ClientRegistry {
  /** In the order of their ids, after `after`. */
  list(after: string | undefined, limit: number): Promise<readonly StoredClient[]>
  find(clientId: string): Promise<StoredClient | undefined>
  /** Keeps a new client; the secret of one that has a secret is made here, and told once. */
  add(record: ClientRecordFile): Promise<Result<AddedClient, readonly MetadataProblem[]>>
  /** Puts another record in the place of one. Its secret stays, and so does whether it is disabled. */
  replace(clientId: string, record: ClientRecordFile): Promise<Result<StoredClient, readonly MetadataProblem[]>>
  /** Answers `false` when there is no such client. Disabling ends what people allowed the client. */
  setDisabled(clientId: string, disabled: boolean): Promise<boolean>
  /** With the client its authorizations end. */
  remove(clientId: string): Promise<boolean>
  close(): Promise<void>
}

/** By the names of RFC 7591 and ours, as in `clients` of the configuration. */
export type ClientRecordFile = Readonly<Record<string, unknown>>

export interface AddedClient {
  readonly client: StoredClient
  readonly secret: string | undefined
}

/** `registration_off`: this configuration keeps no clients in its store, so nobody would look there. */
export async function openClientRegistry(
  configuration: Configuration,
  clock: Clock = systemClock,
): Promise<ClientRegistry | 'registration_off'> {
  const { registration } = configuration
  if (registration === undefined) return 'registration_off'
  const { rules } = registration
  const store = await openStore(configuration, clock)
  const { clients, authorizations } = await store.people()
  const random = createRandomIdentifiers()

  /** The record that may be kept under this id. */
  async function checked(
    record: ClientRecordFile,
    clientId: string,
    kept: unknown,
  ): Promise<
    Result<{ readonly metadata: ClientRecordFile; readonly secret: string | undefined }, readonly MetadataProblem[]>
  > {
    const { client_secret: given, ...rest } = record
    const unfit = secretProblems(record)
    if (unfit.length > 0) return fail(unfit)
    const method = record['token_endpoint_auth_method'] ?? 'client_secret_basic'
    const hasSecret = method === 'client_secret_basic' || method === 'client_secret_post'
    const known = record['client_secret_hash'] ?? kept
    const made = hasSecret && given === undefined && known === undefined ? random.create().token : undefined
    const secret = typeof given === 'string' ? given : made
    const hash = secret === undefined ? known : await clientSecretHash(secret)
    const metadata = { ...rest, client_id: clientId, ...(hasSecret ? { client_secret_hash: hash } : {}) }
    const parsed = parseClientMetadata(metadata, rules)
    return parsed.ok ? ok({ metadata, secret: made }) : fail(parsed.failure)
  }

  return {
    list: (after, limit) => clients.list(after, limit),
    find: (clientId) => clients.find(clientId),
    async add(record: ClientRecordFile) {
      const wanted = record['client_id']
      const clientId = typeof wanted === 'string' ? wanted : random.identifier()
      const problem = (text: string): Result<never, readonly MetadataProblem[]> =>
        fail([{ path: 'client_id', problem: text }])
      if (configuration.clients.find(clientId) !== undefined) return problem('in use, by the configuration')
      const may = await checked(record, clientId, undefined)
      if (!may.ok) return may
      const { metadata, secret } = may.value
      const client: StoredClient = { clientId, version: 1, metadata, disabled: false, createdAt: clock.now() }
      return (await clients.add(client)) ? ok({ client, secret }) : problem('in use')
    },
    async replace(clientId: string, record: ClientRecordFile) {
      const before = await clients.find(clientId)
      if (before === undefined) return fail([{ path: 'client_id', problem: 'no such client' }])
      const may = await checked({ ...record, client_id: clientId }, clientId, before.metadata['client_secret_hash'])
      if (!may.ok) return may
      const client = { ...before, version: before.version + 1, metadata: may.value.metadata }
      return (await clients.replace(client, before.version))
        ? ok(client)
        : fail([{ path: '', problem: 'changed by somebody else at the same time', hint: 'try again' }])
    },
    async setDisabled(clientId: string, disabled: boolean) {
      for (;;) {
        const before = await clients.find(clientId)
        if (before === undefined) return false
        if (before.disabled === disabled) break
        if (await clients.replace({ ...before, version: before.version + 1, disabled }, before.version)) break
      }
      if (disabled) await authorizations.revokeClient(clientId)
      return true
    },
    async remove(clientId: string) {
      const removed = await clients.remove(clientId)
      await authorizations.revokeClient(clientId)
      return removed
    },
    close: () => store.close(),
  }
}
