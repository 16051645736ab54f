import type { DatabaseSync } from 'node:sqlite'
import type { SigningAlgorithm, SigningKeyRecord, SigningKeyStore } from '@holdfast/core'
import { StoreUnavailableError } from '../store-unavailable-error.ts'
import type { GroupCommit } from './group-commit.ts'

/** {@link SigningKeyStore} that can also seal its keys anew, under another master key. */
export interface SqliteSigningKeyStore extends SigningKeyStore {
  /** Replaces the sealed private part of each key by what `reseal` makes of it; `undefined` leaves it. One transaction. */
  reseal(reseal: (record: SigningKeyRecord) => Uint8Array | undefined): Promise<number>
}

/** {@link SigningKeyStore} on the table `signing_key`. */
export function sqliteSigningKeyStore(database: DatabaseSync, group: GroupCommit): SqliteSigningKeyStore {
  const select = database.prepare('select * from signing_key order by created_at, kid')
  const active = database.prepare('select kid from signing_key where algorithm = ? and signs_until is null')
  const end = database.prepare('update signing_key set signs_until = ?, published_until = ? where kid = ?')
  const replace = database.prepare('update signing_key set sealed_private_key = ? where kid = ?')
  const insert = database.prepare(
    `insert into signing_key
       (kid, algorithm, public_jwk, sealed_private_key, created_at, signs_from, signs_until, published_until)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const list = (): readonly SigningKeyRecord[] => select.all().map(recordOf)
  return {
    list: () => {
      try {
        return Promise.resolve(list())
      } catch (cause) {
        return Promise.reject(new StoreUnavailableError('store_failed', { cause }))
      }
    },
    rotate: ({ successor, predecessors }) =>
      group.write(() => {
        const signing = active.all(successor.algorithm).map((row) => String(row['kid']))
        const named = new Set(predecessors.map((predecessor) => predecessor.kid))
        if (signing.length !== named.size || !signing.every((kid) => named.has(kid))) return 'superseded'
        for (const { kid, signsUntil, publishedUntil } of predecessors) end.run(signsUntil, publishedUntil, kid)
        insert.run(
          successor.kid,
          successor.algorithm,
          JSON.stringify(successor.publicJwk),
          successor.sealedPrivateKey,
          successor.createdAt,
          successor.signsFrom,
          successor.signsUntil ?? null,
          successor.publishedUntil ?? null,
        )
        return 'rotated'
      }),
    reseal: (reseal) =>
      group.write(() => {
        let count = 0
        for (const record of list()) {
          const sealed = reseal(record)
          if (sealed === undefined) continue
          replace.run(sealed, record.kid)
          count++
        }
        return count
      }),
  }
}

function recordOf(row: Readonly<Record<string, unknown>>): SigningKeyRecord {
  return {
    kid: String(row['kid']),
    algorithm: String(row['algorithm']) as SigningAlgorithm,
    publicJwk: JSON.parse(String(row['public_jwk'])) as Readonly<Record<string, string>>,
    sealedPrivateKey: row['sealed_private_key'] as Uint8Array,
    createdAt: Number(row['created_at']),
    signsFrom: Number(row['signs_from']),
    signsUntil: row['signs_until'] === null ? undefined : Number(row['signs_until']),
    publishedUntil: row['published_until'] === null ? undefined : Number(row['published_until']),
  }
}
