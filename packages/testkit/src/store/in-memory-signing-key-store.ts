import type { SigningKeyRecord, SigningKeyStore } from '@holdfast/core'
import { type Breakable, breakable } from './breakable.ts'

/** Keeps signing keys in memory. */
export function inMemorySigningKeyStore(): SigningKeyStore & Breakable {
  const records = new Map<string, SigningKeyRecord>()
  return breakable<SigningKeyStore>({
    list: () => Promise.resolve(structuredClone([...records.values()])),
    rotate({ successor, predecessors }) {
      const signing = [...records.values()].filter(
        (record) => record.algorithm === successor.algorithm && record.signsUntil === undefined,
      )
      const named = new Set(predecessors.map((predecessor) => predecessor.kid))
      if (signing.length !== named.size || signing.some((record) => !named.has(record.kid))) {
        return Promise.resolve('superseded')
      }
      for (const { kid, signsUntil, publishedUntil } of predecessors) {
        const record = records.get(kid)
        if (record !== undefined) records.set(kid, { ...record, signsUntil, publishedUntil })
      }
      records.set(successor.kid, structuredClone(successor))
      return Promise.resolve('rotated')
    },
  })
}
