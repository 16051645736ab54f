import type { SigningKeyRecord } from '@holdfast/core'
import { type Configuration } from '@holdfast/server'
import { openSigningKeys, type SigningKeys } from '@holdfast/server/operate'
import { started } from '../serve/serve.ts'
import { instantText } from '../cert/instant.ts'

/** Opens the keys of a configuration for the length of one piece of work. */
export async function withSigningKeys<T>(
  configuration: Configuration,
  file: string,
  work: (keys: SigningKeys) => Promise<T>,
): Promise<T> {
  const keys = await started(() => openSigningKeys(configuration), file)
  try {
    return await work(keys)
  } finally {
    await keys.close()
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
