import type { BoundCertificates } from '@holdfast/core'
import { twoGenerationMap } from '../../cache/two-generation-map.ts'
import type { PostgresPool } from './postgres-pool.ts'

/**
 * {@link BoundCertificates} on the table `bound_certificate`.
 *
 * A certificate is kept a day longer than asked, and what this process knows to be kept is not written again: a client that
 * asks for tokens all day costs one write.
 */
export function postgresBoundCertificates(pool: PostgresPool): BoundCertificates {
  const keptUntil = twoGenerationMap<number>(knownCertificates)
  return {
    remember: (thumbprint, { der, chain }, until) => {
      if ((keptUntil.get(thumbprint) ?? 0) >= until) return undefined
      const longer = until + prolongation
      const others = JSON.stringify(chain.map((authority) => Buffer.from(authority).toString('base64')))
      return pool.query(insert, [thumbprint, der, others, longer]).then(() => keptUntil.set(thumbprint, longer))
    },
    async find(thumbprint) {
      const [row] = await pool.query(select, [thumbprint])
      if (row === undefined) return undefined
      const chain = JSON.parse(String(row['chain'])) as readonly string[]
      return { der: row['der'] as Uint8Array, chain: chain.map((authority) => Buffer.from(authority, 'base64')) }
    },
  }
}

const insert = `
  insert into bound_certificate (thumbprint, der, chain, expires_at) values ($1, $2, $3, $4)
  on conflict (thumbprint) do update
    set chain = excluded.chain, expires_at = greatest(bound_certificate.expires_at, excluded.expires_at)`
const select = 'select der, chain from bound_certificate where thumbprint = $1'

/** Seconds. */
const prolongation = 86_400
const knownCertificates = 100_000
