import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { type TestContext, test } from 'node:test'
import type { GuessStore } from '@holdfast/core'
import { guessStoreContract, inMemoryGuessStore } from '../index.ts'

type Buckets = Parameters<GuessStore['take']>[0]

/** Each store breaks one promise, and the suite must notice it by the case that is named. */
const faults: Readonly<Record<string, readonly [make: (store: GuessStore) => GuessStore, noticedBy: RegExp]>> = {
  'counts nothing': [(store) => ({ ...store, take: () => Promise.resolve(0) }), /a burst is taken at once/],
  'looks before it takes': [
    (store) => {
      const looking = new Map<string, Promise<number>>()
      // Who comes while another looks sees what the other sees.
      const look = async (name: string, buckets: Buckets, now: number): Promise<number> => {
        const wait = await store.take(buckets, now)
        if (wait === 0) await store.giveBack(buckets)
        await turn()
        looking.delete(name)
        return wait
      }
      return {
        ...store,
        take: async (buckets, now) => {
          const name = JSON.stringify(buckets.map((bucket) => bucket.name).toSorted())
          const seen = looking.get(name) ?? look(name, buckets, now)
          looking.set(name, seen)
          const wait = await seen
          if (wait === 0) await store.take(buckets, now)
          return wait
        },
      }
    },
    /get no more together/,
  ],
  'takes from those that have room': [
    (store) => ({
      ...store,
      take: async (buckets, now) => {
        const waits: number[] = []
        for (const bucket of buckets) waits.push(await store.take([bucket], now))
        return Math.max(...waits)
      },
    }),
    /one full bucket of several takes from none/,
  ],
  'gives nothing back': [(store) => ({ ...store, giveBack: () => Promise.resolve() }), /what is given back/],
}

for (const [fault, [make, noticedBy]] of Object.entries(faults)) {
  test(`the contract of the store of guesses notices one that ${fault}`, async () => {
    const failed: string[] = []
    const recorder = {
      async test(name: string, body: (t: { after(): void }) => Promise<void>) {
        try {
          await body({ after: () => undefined })
        } catch {
          failed.push(name)
        }
      },
    }
    await guessStoreContract(recorder as unknown as TestContext, () => {
      const store = make(inMemoryGuessStore())
      return Promise.resolve({ open: () => Promise.resolve({ store, close: () => Promise.resolve() }) })
    })
    assert.match(failed.join('\n'), noticedBy)
  })
}
