import type { ClientRegistrationStore, StoredClient } from '@holdfast/core'
import type { Sql, SqlRow, SqlStep } from './sql.ts'

/** {@link ClientRegistrationStore} on the table `registered_client`; each change counts `registered_client_revision` up with it. */
export function sqlClientRegistrationStore(sql: Sql): ClientRegistrationStore {
  const change = (step: SqlStep): Promise<boolean> =>
    sql.transact(function* () {
      if ((yield step).length === 0) return false
      yield [grow]
      return true
    })
  return {
    async find(clientId) {
      const [row] = await sql.read(select, clientId)
      return row && clientOf(row)
    },
    add: (client) => change([insert, ...valuesOf(client, client.version)]),
    replace: (client, expected) => change([update, ...valuesOf(client, expected + 1), expected]),
    remove: (clientId) => change([remove, clientId]),
    list: async (after, limit) =>
      (after === undefined ? await sql.read(listFirst, limit) : await sql.read(listAfter, limit, after)).map(clientOf),
    async revision() {
      const [row] = await sql.read(selectRevision)
      return Number(row?.['revision'] ?? 0)
    },
  }
}

function valuesOf(client: StoredClient, version: number): [string, number, string | null, number, number, string] {
  const { clientId, registrationTokenDigest = null, disabled, createdAt, metadata } = client
  return [clientId, version, registrationTokenDigest, disabled ? 1 : 0, createdAt, JSON.stringify(metadata)]
}

function clientOf(row: SqlRow): StoredClient {
  const digest = row['registration_token_digest']
  return {
    clientId: String(row['client_id']),
    version: Number(row['version']),
    metadata: JSON.parse(String(row['metadata'])) as StoredClient['metadata'],
    ...(typeof digest === 'string' ? { registrationTokenDigest: digest } : {}),
    disabled: Number(row['disabled']) === 1,
    createdAt: Number(row['created_at']),
  }
}

const columns = 'client_id, version, registration_token_digest, disabled, created_at, metadata'
const select = `select ${columns} from registered_client where client_id = $1`
const insert = `
  insert into registered_client (${columns}) values ($1, $2, $3, $4, $5, $6)
  on conflict (client_id) do nothing returning 1 as kept`
const update = `
  update registered_client
     set version = $2, registration_token_digest = $3, disabled = $4, created_at = $5, metadata = $6
   where client_id = $1 and version = $7 returning 1 as kept`
const remove = 'delete from registered_client where client_id = $1 returning 1 as gone'
const listFirst = `select ${columns} from registered_client order by client_id limit $1`
const listAfter = `select ${columns} from registered_client where client_id > $2 order by client_id limit $1`
const grow = 'update registered_client_revision set revision = revision + 1'
const selectRevision = 'select revision from registered_client_revision'
