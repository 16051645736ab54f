import type { Clock, Decrypter, Encrypter } from '@holdfast/core'
import type { Configuration } from '../config/configuration.ts'
import type { Store } from '../store/store.ts'
import { resealSigningKey } from './generate-signing-key.ts'
import { openKeyRing } from './key-ring.ts'
import type { KeyRing } from './key-ring.ts'
import type { MasterKey } from './master-key.ts'
import type { RequestKeys } from './request-keys.ts'

/** Told of what happens to keys beside their use. */
export interface KeyEvents {
  /** So many keys were sealed anew, under the first master key. */
  readonly resealed: (count: number) => void
  readonly problem: (cause: unknown) => void
}

/** The signing keys, and those that requests are encrypted to. */
export interface ConfiguredKeys extends KeyRing {
  /** What of it is switched on; loaded only then. */
  readonly encryption: { readonly encrypter?: Encrypter; readonly decrypter?: Decrypter }
}

/** The keys that the configuration describes, on its store. */
export async function openConfiguredKeys(
  { keys, tokens, clients }: Configuration,
  masterKeys: readonly MasterKey[],
  store: Store,
  clock: Clock,
  events: KeyEvents,
): Promise<ConfiguredKeys> {
  const count =
    masterKeys.length > 1 ? await store.signingKeys.reseal((record) => resealSigningKey(record, masterKeys)) : 0
  if (count > 0) events.resealed(count)
  const longest = Math.max(tokens.accessTokenLifetime, clients.summary().longestAccessTokenLifetime)
  const common = {
    store: store.signingKeys,
    clock,
    masterKeys,
    rotateEvery: keys.rotateEvery,
    publishBefore: keys.publishBefore,
    // A token must not outlive the key that proves it, whatever was configured.
    keepAfter: Math.max(keys.keepAfter, longest + clockSkew),
    onProblem: events.problem,
  }
  const ring = await openKeyRing({ ...common, algorithm: keys.algorithm })
  const answers = tokens.encryptedAnswers === 'off' ? {} : { encrypter: await createEncrypter() }
  if (keys.requestEncryption === 'off') return { ...ring, encryption: answers }
  const { openRequestKeys } = await import('./request-keys.ts')
  return withRequestKeys(ring, answers, await openRequestKeys({ ...common, kind: keys.requestEncryption }))
}

async function createEncrypter(): Promise<Encrypter> {
  const encrypting = await import('../adapter/encrypter.ts')
  return encrypting.createEncrypter()
}

/** Both kinds of keys, published in one set. */
function withRequestKeys(ring: KeyRing, answers: ConfiguredKeys['encryption'], requests: RequestKeys): ConfiguredKeys {
  let merged: { readonly from: string; readonly keys: string; readonly json: string } | undefined
  return {
    ...ring,
    encryption: { ...answers, decrypter: requests.decrypter },
    jwks: () => {
      const from = ring.jwks()
      const keys = JSON.stringify(requests.published())
      if (merged?.from !== from || merged.keys !== keys) {
        const signing = JSON.parse(from) as { readonly keys: readonly unknown[] }
        merged = { from, keys, json: JSON.stringify({ keys: [...signing.keys, ...requests.published()] }) }
      }
      return merged.json
    },
    rotate: async (publishBefore) => {
      await requests.rotate()
      return ring.rotate(publishBefore)
    },
    records: () => [...ring.records(), ...requests.records()],
    refresh: async () => void (await Promise.all([ring.refresh(), requests.refresh()])),
    close: () => {
      ring.close()
      requests.close()
    },
  }
}

/** Seconds by which clocks may differ and a token still be presented. */
const clockSkew = 120
