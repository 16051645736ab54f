import { parseClientMetadata } from '@holdfast/core'
import type {
  ClientRegistrationStore,
  ClientStore,
  MetadataProblem,
  RegisteredClient,
  RegistrationRules,
  StoredClient,
} from '@holdfast/core'
import { twoGenerationMap } from '../cache/two-generation-map.ts'

/**
 * {@link ClientStore} of the clients that registered themselves or were added by an administrator, behind those of the
 * configuration.
 *
 * The store is asked each time, so that a client that was removed or disabled by another process is refused at once; what is
 * remembered is only how its record reads. `unfit` is told once of each record that the rules do not allow any more.
 */
export function storedClients(
  configured: { find(clientId: string): RegisteredClient | undefined },
  registrations: Pick<ClientRegistrationStore, 'find'>,
  rules: RegistrationRules,
  unfit: (clientId: string, problems: readonly MetadataProblem[]) => void,
): ClientStore {
  const parsed = twoGenerationMap<{ readonly record: string; readonly client: RegisteredClient | undefined }>(
    maximumParsed,
  )
  function read(stored: StoredClient): RegisteredClient | undefined {
    // By the record itself: a client that was removed and added again begins anew with its first version.
    const record = JSON.stringify(stored.metadata)
    const before = parsed.get(stored.clientId)
    if (before?.record === record) return before.client
    // What the rules do not allow any more is not there: a profile may have become stricter since.
    const result = parseClientMetadata({ ...stored.metadata, client_id: stored.clientId }, rules)
    if (!result.ok) unfit(stored.clientId, result.failure)
    const client = result.ok ? result.value : undefined
    parsed.set(stored.clientId, { record, client })
    return client
  }
  async function find(clientId: string): Promise<RegisteredClient | undefined> {
    const stored = await registrations.find(clientId)
    if (stored === undefined) return undefined
    const client = read(stored)
    return client !== undefined && stored.disabled ? { ...client, disabled: true } : client
  }
  return { find: (clientId) => configured.find(clientId) ?? find(clientId) }
}

/** Registrations that are kept parsed. */
const maximumParsed = 10_000
