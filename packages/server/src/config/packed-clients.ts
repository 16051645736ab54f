import { parseClientMetadata } from '@holdfast/core'
import type { RegisteredClient, RegistrationRules } from '@holdfast/core'
import { twoGenerationMap } from '../cache/two-generation-map.ts'
import type { ClientsSummary, ConfiguredClients } from './configured-clients.ts'

/** Many clients as they are handed from one process to another, and kept: their records as text, outside of the heap. */
export interface PackedClients {
  readonly ids: readonly string[]
  /** One record of RFC 7591 after the other, JSON in UTF-8. */
  readonly records: Uint8Array
  /** Where each ends. */
  readonly ends: Uint32Array
  readonly summary: ClientsSummary
}

/** Packs records that were found right: each is parsed again when its client asks. */
export function packClients(
  clients: readonly { readonly clientId: string; readonly metadata: object }[],
  summary: ClientsSummary,
): PackedClients {
  const records = clients.map(({ metadata }) => Buffer.from(JSON.stringify(metadata)))
  const ends = new Uint32Array(records.length)
  let end = 0
  for (const [at, record] of records.entries()) ends[at] = end += record.length
  return { ids: clients.map(({ clientId }) => clientId), records: Buffer.concat(records), ends, summary }
}

/** Clients that are parsed when they are asked for; those who ask often stay so. */
export function packedClients(
  { ids, records, ends, summary }: PackedClients,
  rules: RegistrationRules,
): ConfiguredClients {
  const text = Buffer.from(records.buffer, records.byteOffset, records.byteLength)
  const places = new Map(ids.map((id, at) => [id, at]))
  const parsed = twoGenerationMap<RegisteredClient>(maximumParsed)

  function read(at: number): RegisteredClient {
    const record = text.toString('utf8', at === 0 ? 0 : ends[at - 1], ends[at])
    const client = parseClientMetadata(JSON.parse(record), rules)
    if (!client.ok) throw new Error(`clients[${at}] was right and is not any more: ${JSON.stringify(client.failure)}`)
    return client.value
  }

  return {
    size: places.size,
    find(clientId) {
      const known = parsed.get(clientId)
      if (known !== undefined) return known
      const at = places.get(clientId)
      if (at === undefined) return undefined
      const client = read(at)
      parsed.set(clientId, client)
      return client
    },
    summary: () => summary,
    *[Symbol.iterator]() {
      for (const at of ids.keys()) yield read(at)
    },
  }
}

/** About 10 MB. Who asks again after so many others costs some 20 µs. */
const maximumParsed = 10_000
