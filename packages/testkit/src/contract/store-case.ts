import type { TestContext } from 'node:test'
import { type FixedClock, fixedClock } from '../fixed-clock.ts'
import type { MakeStore, OpenStore } from './store-under-test.ts'

/** What a case of a contract suite works with. */
export interface StoreCase<Store> {
  /** Opens the same data once more; closed when the case ends, if not before. */
  readonly open: () => Promise<OpenStore<Store>>
  readonly clock: FixedClock
}

/** Runs one case on an empty store. */
export async function storeCase<Store>(
  t: TestContext,
  makeStore: MakeStore<Store>,
  name: string,
  body: (given: StoreCase<Store>) => Promise<void>,
  capacity?: number,
): Promise<void> {
  await t.test(name, async (inner) => {
    const clock = fixedClock()
    const underTest = await makeStore(inner, { clock, capacity })
    const opened = new Set<OpenStore<Store>>()
    try {
      await body({
        clock,
        async open() {
          const { store, close } = await underTest.open()
          const open: OpenStore<Store> = {
            store,
            async close() {
              opened.delete(open)
              await close()
            },
          }
          opened.add(open)
          return open
        },
      })
    } finally {
      for (const open of [...opened]) await open.close()
    }
  })
}
