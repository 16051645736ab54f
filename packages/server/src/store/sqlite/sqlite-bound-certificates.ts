import type { DatabaseSync } from 'node:sqlite'
import type { BoundCertificates } from '@holdfast/core'
import { twoGenerationMap } from '../../cache/two-generation-map.ts'
import { StoreUnavailableError } from '../store-unavailable-error.ts'
import type { GroupCommit } from './group-commit.ts'

/**
 * {@link BoundCertificates} on the table `bound_certificate`.
 *
 * A certificate is kept a day longer than asked, and what this process knows to be kept is not written again: a client that
 * asks for tokens all day costs one write.
 */
export function sqliteBoundCertificates(database: DatabaseSync, group: GroupCommit): BoundCertificates {
  const insert = database.prepare(
    `insert into bound_certificate (thumbprint, der, chain, expires_at) values (?, ?, ?, ?)
     on conflict (thumbprint) do update
       set chain = excluded.chain, expires_at = max(expires_at, excluded.expires_at)`,
  )
  const select = database.prepare('select der, chain from bound_certificate where thumbprint = ?')
  const keptUntil = twoGenerationMap<number>(knownCertificates)
  return {
    remember: (thumbprint, { der, chain }, until) => {
      if ((keptUntil.get(thumbprint) ?? 0) >= until) return undefined
      const longer = until + prolongation
      const others = JSON.stringify(chain.map((authority) => Buffer.from(authority).toString('base64')))
      return group
        .write(() => void insert.run(thumbprint, der, others, longer))
        .then(() => keptUntil.set(thumbprint, longer))
    },
    find: (thumbprint) => {
      try {
        const row = select.get(thumbprint)
        if (row === undefined) return undefined
        const chain = JSON.parse(String(row['chain'])) as readonly string[]
        return { der: row['der'] as Uint8Array, chain: chain.map((authority) => Buffer.from(authority, 'base64')) }
      } catch (cause) {
        return Promise.reject(new StoreUnavailableError('store_failed', { cause }))
      }
    },
  }
}

/** Seconds. */
const prolongation = 86_400
const knownCertificates = 100_000
