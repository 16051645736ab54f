import type { SigningKeyRecord } from '@holdfast/core'
import { type Configuration, openSqliteStore, type SqliteStore, systemClock } from '@holdfast/server'
import { instantText } from '../cert/instant.ts'

/** Opens the store of a configuration for the length of one piece of work. */
export async function withStore<T>(configuration: Configuration, work: (store: SqliteStore) => Promise<T>): Promise<T> {
  const store = openSqliteStore({
    path: configuration.store.path,
    clock: systemClock,
    busyTimeoutSeconds: configuration.store.busyTimeoutSeconds,
    replayEntries: configuration.limits.replayEntries,
  })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** What a key does at `now` (epoch seconds), in words. */
export function keyState(record: SigningKeyRecord, now: number): string {
  if (record.publishedUntil !== undefined && now >= record.publishedUntil) return 'gone'
  if (now < record.signsFrom) return `published, signs from ${instantText(record.signsFrom)}`
  if (record.signsUntil === undefined) return 'signs'
  if (now < record.signsUntil) return `signs until ${instantText(record.signsUntil)}`
  return `published until ${record.publishedUntil === undefined ? 'further notice' : instantText(record.publishedUntil)}`
}

/** A key without its private part, as JSON. */
export function keyJson(record: SigningKeyRecord, now: number): Readonly<Record<string, unknown>> {
  return {
    kid: record.kid,
    algorithm: record.algorithm,
    state: keyState(record, now),
    created_at: instantText(record.createdAt),
    signs_from: instantText(record.signsFrom),
    signs_until: record.signsUntil === undefined ? null : instantText(record.signsUntil),
    published_until: record.publishedUntil === undefined ? null : instantText(record.publishedUntil),
  }
}
