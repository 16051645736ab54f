import type { SpiffeBundle } from '@holdfast/x509'

/** A bundle and when it came. */
export interface LoadedBundle {
  readonly bundle: SpiffeBundle
  /** Epoch seconds. */
  readonly fetchedAt: number
}

/** The one place that the bundle of a trust domain comes from, and what came from there last. */
export interface BundleSource {
  /** Path of the file, or URL. */
  readonly origin: string
  /** Another object whenever it was renewed. */
  readonly loaded: LoadedBundle | undefined
  /** Why there is none, or none that is newer: lower case, no full stop. */
  readonly problem: string | undefined
  /** Has a look for a newer one when it is time to. Answers a promise while there is none at all; it is fulfilled when the look is over. */
  look(now: number): Promise<void> | undefined
  /** Has a look now, whether it is time or not. */
  load(): Promise<void> | undefined
  close(): void
}

/** What every source needs. */
export interface BundleSourceParts {
  readonly trust: string
  readonly trustDomain: string
  readonly now: () => number
  readonly events: BundleEvents
}

/** What the operator is told. */
export interface BundleEvents {
  loaded(facts: BundleLoadedFacts): void
  failed(facts: BundleFailedFacts): void
}

export interface BundleLoadedFacts {
  readonly trust: string
  readonly trustDomain: string
  readonly origin: string
  readonly anchors: number
  readonly sequence: number | undefined
  /** Entries of the bundle that are not used, by index, and why. */
  readonly ignored: readonly { readonly index: number; readonly because: string }[]
}

export interface BundleFailedFacts {
  readonly trust: string
  readonly trustDomain: string
  readonly origin: string
  readonly problem: string
  /** Whether one from before is still used. */
  readonly kept: 'yes' | 'no'
}
