import type { TestContext } from 'node:test'
import type { FixedClock } from '../fixed-clock.ts'

/** The same kept data, opened as often as wanted: each `open` stands for a process of its own. */
export interface StoreUnderTest<Store> {
  open(): Promise<OpenStore<Store>>
}

export interface OpenStore<Store> {
  readonly store: Store
  /** Lets go of everything; what was acknowledged must be found by the next `open`. */
  readonly close: () => Promise<void>
}

/** What the suite asks of the store that is made for one case. */
export interface StoreConditions {
  /** The only clock that the store may look at. */
  readonly clock: FixedClock
  /** How many one-time identifiers a replay store may hold; `undefined` leaves it to the store. */
  readonly capacity: number | undefined
}

/** Makes an empty store for one case; whatever it holds must be released by `t.after`. */
export type MakeStore<Store> = (t: TestContext, conditions: StoreConditions) => Promise<StoreUnderTest<Store>>
