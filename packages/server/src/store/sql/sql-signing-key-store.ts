import type { SigningAlgorithm, SigningKeyRecord } from '@holdfast/core'
import type { ResealableSigningKeyStore } from '../store.ts'
import type { Sql, SqlRow } from './sql.ts'

/** `SigningKeyStore` on the table `signing_key`. */
export function sqlSigningKeyStore(sql: Sql): ResealableSigningKeyStore {
  const alone = sql.exclusively('signing_key')
  return {
    list: async () => (await sql.read(select)).map(recordOf),
    rotate: ({ successor, predecessors }) =>
      sql.transact(function* () {
        if (alone !== undefined) yield alone
        const signing = (yield [active, successor.algorithm]).map((row) => String(row['kid']))
        const named = new Set(predecessors.map((predecessor) => predecessor.kid))
        if (signing.length !== named.size || !signing.every((kid) => named.has(kid))) return 'superseded'
        for (const { kid, signsUntil, publishedUntil } of predecessors) yield [end, signsUntil, publishedUntil, kid]
        yield [
          insert,
          successor.kid,
          successor.algorithm,
          JSON.stringify(successor.publicJwk),
          successor.sealedPrivateKey,
          successor.createdAt,
          successor.signsFrom,
          successor.signsUntil ?? null,
          successor.publishedUntil ?? null,
        ]
        return 'rotated'
      }),
    reseal: (reseal) =>
      sql.transact(function* () {
        if (alone !== undefined) yield alone
        let count = 0
        for (const record of (yield [select]).map(recordOf)) {
          const sealed = reseal(record)
          if (sealed === undefined) continue
          yield [replace, sealed, record.kid]
          count++
        }
        return count
      }),
  }
}

function recordOf(row: SqlRow): SigningKeyRecord {
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

const columns = 'kid, algorithm, public_jwk, sealed_private_key, created_at, signs_from, signs_until, published_until'
const select = `select ${columns} from signing_key order by created_at, kid`
const active = 'select kid from signing_key where algorithm = $1 and signs_until is null'
const end = 'update signing_key set signs_until = $1, published_until = $2 where kid = $3'
const replace = 'update signing_key set sealed_private_key = $1 where kid = $2'
const insert = `
  insert into signing_key (${columns})
  values ($1, $2, $3, $4, $5, $6, $7, $8)`
