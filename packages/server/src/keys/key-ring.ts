import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type {
  AccessTokenVerifier,
  Clock,
  EpochSeconds,
  Signer,
  SigningAlgorithm,
  SigningKeyRecord,
  SigningKeyStore,
} from '@holdfast/core'
import { verifyJws } from '../adapter/assertion-verifier.ts'
import { generateKey, openSigningKey } from './generate-signing-key.ts'
import type { MasterKey } from './master-key.ts'
import { createTokenSignatures } from './token-signature.ts'

export interface KeyRingOptions {
  readonly store: SigningKeyStore
  readonly clock: Clock
  /** The present master key first. */
  readonly masterKeys: readonly MasterKey[]
  readonly algorithm: SigningAlgorithm
  /** Seconds between rotations; 0: only by hand. */
  readonly rotateEvery: number
  /** Seconds that a new key is published before it signs. */
  readonly publishBefore: number
  /** Seconds that an old key is published after it stopped; at least as long as its last token lives. */
  readonly keepAfter: number
  readonly onProblem: (problem: unknown) => void
}

/** The signing keys of this process, in step with the store and so with every other process on it. */
export interface KeyRing {
  readonly signer: Signer
  readonly verifier: AccessTokenVerifier
  /** The JWK Set (RFC 7517 §5) as JSON: every key that signs, will sign, or has signed tokens that may still live. */
  jwks(): string
  records(): readonly SigningKeyRecord[]
  /** Publishes a successor that takes over after `publishBefore` seconds (or the seconds named). */
  rotate(publishBefore?: number): Promise<'rotated' | 'superseded'>
  /** Reads the store again. */
  refresh(): Promise<void>
  close(): void
}

/** Loads the keys, makes the first one when there is none, and keeps them rotating. Rejects when no key can sign. */
export async function openKeyRing(options: KeyRingOptions): Promise<KeyRing> {
  const { store, clock, algorithm } = options
  const signatures = createTokenSignatures()
  const opened = new Map<string, RingKey>()
  let records: readonly SignatureKeyRecord[] = []
  let current: { readonly key: RingKey; readonly from: EpochSeconds; readonly until: EpochSeconds } | undefined
  let document: { readonly json: string; readonly until: EpochSeconds } | undefined
  let refreshedAt = clock.now()
  let refreshing: Promise<void> | undefined

  function refresh(): Promise<void> {
    refreshing ??= load().finally(() => (refreshing = undefined))
    return refreshing
  }

  async function load(): Promise<void> {
    const listed = (await store.list()).filter((record) => isSignatureKey(record))
    for (const record of listed) {
      if (!opened.has(record.kid)) opened.set(record.kid, ringKey(record, options.masterKeys))
    }
    for (const kid of opened.keys()) if (!listed.some((record) => record.kid === kid)) opened.delete(kid)
    records = listed
    current = undefined
    document = undefined
    refreshedAt = clock.now()
  }

  async function rotate(publishBefore = options.publishBefore): Promise<'rotated' | 'superseded'> {
    const now = clock.now()
    const usable = records.some((record) => opened.get(record.kid)?.privateKey !== undefined)
    const signsFrom = usable ? now + publishBefore : now
    const successor = await generateKey(algorithm, mustHave(options.masterKeys[0]), {
      createdAt: now,
      signsFrom,
    })
    const predecessors = records
      .filter((record) => record.algorithm === algorithm && record.signsUntil === undefined)
      .map(({ kid }) => ({ kid, signsUntil: signsFrom, publishedUntil: signsFrom + options.keepAfter }))
    const outcome = await store.rotate({ successor, predecessors })
    await load()
    return outcome
  }

  /** The newest key whose time has come, of the configured algorithm if there is one. */
  function choose(now: EpochSeconds): NonNullable<typeof current> {
    const able = records.filter((record) => opened.get(record.kid)?.privateKey !== undefined)
    const begun = able.filter((record) => record.signsFrom <= now)
    const signing = begun.filter(({ signsUntil }) => signsUntil === undefined || now < signsUntil)
    const own = signing.filter((record) => record.algorithm === algorithm)
    // The later ones are for a clock that jumped, and for a successor that cannot be opened.
    const best = [own, signing, begun, able]
      .find((some) => some.length > 0)
      ?.toSorted(bySignsFrom)
      .at(-1)
    const key = best && opened.get(best.kid)
    if (best === undefined || key === undefined) throw new Error('no signing key can be opened by the master key')
    const next = able.filter((record) => record.signsFrom > now).toSorted(bySignsFrom)[0]
    const changes = [next?.signsFrom, best.signsUntil].filter((time) => time !== undefined && time > now)
    return { key, from: now, until: Math.min(...changes.map(Number)) }
  }

  function signingKey(): RingKey {
    const now = clock.now()
    if (current === undefined || now >= current.until || now < current.from) current = choose(now)
    return current.key
  }

  function isPublished(record: SignatureKeyRecord, now: EpochSeconds): boolean {
    return record.publishedUntil === undefined || now < record.publishedUntil
  }

  async function keepRotating(): Promise<void> {
    await refresh()
    const newest = records.filter((record) => record.algorithm === algorithm && record.signsUntil === undefined)[0]
    if (newest === undefined || options.rotateEvery === 0) return
    if (newest.signsFrom + options.rotateEvery - options.publishBefore <= clock.now()) await rotate()
  }

  await refresh()
  const hasKey = records.some((record) => record.algorithm === algorithm && record.signsUntil === undefined)
  if (!hasKey) await rotate()
  signingKey()
  const timer = setInterval(() => void keepRotating().catch(options.onProblem), refreshMilliseconds)
  timer.unref()

  return {
    signer: {
      sign: (typ, payload) => {
        const key = signingKey()
        if (key.privateKey === undefined) throw new Error('no signing key can be opened by the master key')
        const header = typ === 'at+jwt' ? key.accessTokenHeader : encodeHeader(typ, key)
        const input = `${header}.${Buffer.from(payload).toString('base64url')}`
        return signatures[key.algorithm](key.privateKey, input)
      },
    },
    verifier: {
      verify: async (token) => {
        const known = () => {
          const now = clock.now()
          return records.find(
            ({ kid, publishedUntil }) => kid === token.header.kid && now < (publishedUntil ?? Infinity),
          )
        }
        if (known() === undefined && token.header.kid !== undefined && clock.now() - refreshedAt >= refetchSeconds) {
          await refresh()
        }
        const record = known()
        const key = record && opened.get(record.kid)
        if (key === undefined || key.algorithm !== token.header.alg) return 'key_unknown'
        return verifyJws(token.signingInput, token.signature, key.algorithm, key.publicKey)
          ? 'verified'
          : 'signature_invalid'
      },
    },
    jwks: () => {
      const now = clock.now()
      if (document === undefined || now >= document.until) {
        const published = records.filter((record) => isPublished(record, now))
        document = {
          json: JSON.stringify({ keys: published.map((record) => record.publicJwk) }),
          until: Math.min(...published.map((record) => record.publishedUntil ?? Number.POSITIVE_INFINITY)),
        }
      }
      return document.json
    },
    records: () => records,
    rotate,
    refresh,
    close: () => clearInterval(timer),
  }
}

interface RingKey {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  readonly publicKey: KeyObject
  /** Absent when no master key opens it: then it only verifies. */
  readonly privateKey: KeyObject | undefined
  readonly accessTokenHeader: string
}

function ringKey(record: SignatureKeyRecord, masterKeys: readonly MasterKey[]): RingKey {
  const key = { kid: record.kid, algorithm: record.algorithm }
  return {
    ...key,
    publicKey: createPublicKey({ key: { ...record.publicJwk }, format: 'jwk' }),
    privateKey: openSigningKey(record, masterKeys)?.privateKey,
    accessTokenHeader: encodeHeader('at+jwt', key),
  }
}

function encodeHeader(typ: string, key: { readonly kid: string; readonly algorithm: SigningAlgorithm }): string {
  return Buffer.from(JSON.stringify({ typ, alg: key.algorithm, kid: key.kid })).toString('base64url')
}

type SignatureKeyRecord = SigningKeyRecord & { readonly algorithm: SigningAlgorithm }

/** The store keeps the keys for encryption, too: see request-keys.ts. */
function isSignatureKey(record: SigningKeyRecord): record is SignatureKeyRecord {
  return record.algorithm !== 'ECDH-ES' && record.algorithm !== 'RSA-OAEP'
}

function bySignsFrom(a: SigningKeyRecord, b: SigningKeyRecord): number {
  return a.signsFrom - b.signsFrom || a.createdAt - b.createdAt
}

function mustHave(masterKey: MasterKey | undefined): MasterKey {
  if (masterKey === undefined) throw new TypeError('key ring: masterKeys must hold at least one key')
  return masterKey
}

/** Other processes learn of a rotation in this time; `publishBefore` should be longer. */
const refreshMilliseconds = 10_000

/** A stranger's `kid` makes us read the store at most this often. */
const refetchSeconds = 1
