import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { PairwiseIdentifiers } from '../port/hash.ts'

/**
 * The identifier by which a client knows a person: the same everywhere, or one of its sector's own.
 *
 * OpenID Connect Core §8. `subject` is the person's identifier in this server. `pairwise` is `undefined` where no client
 * may be registered for it.
 */
export function subjectIdentifier(
  subject: string,
  client: Pick<RegisteredClient, 'authorization'>,
  pairwise: PairwiseIdentifiers | undefined,
): string {
  const sector = client.authorization?.sector
  if (sector === undefined) return subject
  if (pairwise === undefined) throw new TypeError('a client with pairwise subjects, and no pairwise identifiers')
  return pairwise.identify(sector, subject)
}
