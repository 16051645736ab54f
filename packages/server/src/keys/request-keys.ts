import type { KeyObject } from 'node:crypto'
import { jweAlgorithmsOf } from '@holdfast/core'
import type {
  Clock,
  Decrypter,
  EncryptionKeyAlgorithm,
  EpochSeconds,
  JweAlgorithm,
  SigningKeyRecord,
  SigningKeyStore,
} from '@holdfast/core'
import { fail, ok } from '@holdfast/x509'
import { compactDecrypt } from 'jose'
import { generateKey, openSigningKey } from './generate-signing-key.ts'
import type { MasterKey } from './master-key.ts'

export interface RequestKeysOptions {
  readonly store: SigningKeyStore
  readonly clock: Clock
  /** The present master key first. */
  readonly masterKeys: readonly MasterKey[]
  readonly kind: 'EC' | 'RSA'
  /** Seconds between rotations; 0: only by hand. */
  readonly rotateEvery: number
  /** Seconds that an old key is published beside its successor. */
  readonly publishBefore: number
  /** Seconds that it is still opened with after that: clients remember our keys. */
  readonly keepAfter: number
  readonly onProblem: (problem: unknown) => void
}

/** The keys that request objects are encrypted to, in step with the store and so with every other process on it. */
export interface RequestKeys {
  readonly decrypter: Decrypter
  /** The public JWKs to publish, newest first. */
  published(): readonly Readonly<Record<string, string>>[]
  records(): readonly SigningKeyRecord[]
  rotate(): Promise<'rotated' | 'superseded'>
  refresh(): Promise<void>
  close(): void
}

/** Loads the keys, makes the first one when there is none, and keeps them rotating. */
export async function openRequestKeys(options: RequestKeysOptions): Promise<RequestKeys> {
  const { store, clock, masterKeys } = options
  const algorithm = keyAlgorithms[options.kind]
  const opened = new Map<string, KeyObject>()
  let records: readonly SigningKeyRecord[] = []
  let refreshedAt = clock.now()

  async function refresh(): Promise<void> {
    const listed = await store.list()
    records = listed.filter((record) => isRequestKey(record)).toSorted(byAge)
    for (const record of records) {
      if (opened.has(record.kid)) continue
      const key = openSigningKey(record, masterKeys)?.privateKey
      if (key !== undefined) opened.set(record.kid, key)
    }
    for (const kid of opened.keys()) if (!records.some((record) => record.kid === kid)) opened.delete(kid)
    refreshedAt = clock.now()
  }

  function current(): SigningKeyRecord | undefined {
    return records.find((record) => record.algorithm === algorithm && record.signsUntil === undefined)
  }

  async function rotate(): Promise<'rotated' | 'superseded'> {
    const now = clock.now()
    const [masterKey] = masterKeys
    if (masterKey === undefined) throw new TypeError('request keys: masterKeys must hold at least one key')
    const successor = await generateKey(algorithm, masterKey, { createdAt: now, signsFrom: now })
    const signsUntil = now + options.publishBefore
    const predecessors = records
      .filter((record) => record.algorithm === algorithm && record.signsUntil === undefined)
      .map(({ kid }) => ({ kid, signsUntil, publishedUntil: signsUntil + options.keepAfter }))
    const outcome = await store.rotate({ successor, predecessors })
    await refresh()
    return outcome
  }

  async function keepRotating(): Promise<void> {
    await refresh()
    const newest = current()
    if (newest === undefined || options.rotateEvery === 0) return
    if (newest.createdAt + options.rotateEvery <= clock.now()) await rotate()
  }

  function usable(alg: string, kid: string | undefined, now: EpochSeconds): readonly KeyObject[] {
    return records
      .filter((record) => kid === undefined || record.kid === kid)
      .filter((record) => algorithmsOf(record).some((one) => one === alg) && now < (record.publishedUntil ?? Infinity))
      .flatMap((record) => opened.get(record.kid) ?? [])
      .slice(0, mostTried)
  }

  await refresh()
  if (current() === undefined) await rotate()
  const timer = setInterval(() => void keepRotating().catch(options.onProblem), refreshMilliseconds)
  timer.unref()

  return {
    decrypter: {
      decrypt: async ({ text, alg, enc, kid }) => {
        let keys = usable(alg, kid, clock.now())
        if (keys.length === 0 && kid !== undefined && clock.now() - refreshedAt >= refetchSeconds) {
          await refresh()
          keys = usable(alg, kid, clock.now())
        }
        if (keys.length === 0) return fail('key_unknown')
        const only = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc] }
        for (const key of keys) {
          try {
            const { plaintext } = await compactDecrypt(text, key, only)
            return ok(new TextDecoder('utf-8', { fatal: true }).decode(plaintext))
          } catch {
            // Another key, or somebody else's bytes: nothing is told of what went wrong.
          }
        }
        return fail('not_decrypted')
      },
    },
    published: () => {
      const now = clock.now()
      return records.filter(({ signsUntil }) => now < (signsUntil ?? Infinity)).map((record) => record.publicJwk)
    },
    records: () => records,
    rotate,
    refresh,
    close: () => clearInterval(timer),
  }
}

/** The present one first, then those that it replaced, the latest first. */
function byAge(one: SigningKeyRecord, other: SigningKeyRecord): number {
  const until = ({ signsUntil }: SigningKeyRecord): number => signsUntil ?? Number.MAX_SAFE_INTEGER
  return until(other) - until(one) || other.createdAt - one.createdAt
}

/** Whether a key of the store is one of these. */
function isRequestKey({ algorithm }: Pick<SigningKeyRecord, 'algorithm'>): boolean {
  return algorithm === 'ECDH-ES' || algorithm === 'RSA-OAEP'
}

function algorithmsOf({ algorithm }: SigningKeyRecord): readonly JweAlgorithm[] {
  return jweAlgorithmsOf[algorithm === 'RSA-OAEP' ? 'RSA' : 'EC']
}

const keyAlgorithms: { readonly [Kind in RequestKeysOptions['kind']]: EncryptionKeyAlgorithm } = {
  EC: 'ECDH-ES',
  RSA: 'RSA-OAEP',
}

const refreshMilliseconds = 10_000

/** A stranger's `kid` makes us read the store at most this often. */
const refetchSeconds = 1

/** Of keys that a request without `kid` may be for: the present one, and the one before it. */
const mostTried = 2
