import type { StoredClient } from '@holdfast/core'
import { instantText } from '../cert/instant.ts'

/** A client of the store as JSON, without what proves that somebody is it. */
export function clientJson(client: StoredClient): Readonly<Record<string, unknown>> {
  const { client_secret_hash: _, holdfast_software_statement: statement, ...metadata } = client.metadata
  return {
    ...metadata,
    client_id: client.clientId,
    disabled: client.disabled,
    created_at: instantText(client.createdAt),
    ...(statement === undefined ? {} : { software_statement: statement }),
  }
}
