import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/** The kinds of key that tests ask for. */
export type KeyKind = 'ec-p256' | 'ec-p384' | 'ec-p521' | 'rsa-2048' | 'rsa-3072' | 'rsa-1024' | 'ed25519' | 'ed448'

/** Hands out private keys, never the same one twice. */
export interface KeyPool {
  take(kind: KeyKind): KeyObject
}

/**
 * Makes a pool. Keys on curves are made on demand (well below a millisecond); RSA keys, which take up to a second, are made once
 * per checkout and read from `.cache/testkit-keys` after that. They are for tests only.
 */
export function createKeyPool(): KeyPool {
  const taken = new Map<KeyKind, number>()
  return {
    take(kind) {
      const index = taken.get(kind) ?? 0
      taken.set(kind, index + 1)
      switch (kind) {
        case 'ec-p256':
          return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
        case 'ec-p384':
          return generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
        case 'ec-p521':
          return generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey
        case 'ed25519':
          return generateKeyPairSync('ed25519').privateKey
        case 'ed448':
          return generateKeyPairSync('ed448').privateKey
        case 'rsa-1024':
          return keptRsaKey(1024, index)
        case 'rsa-2048':
          return keptRsaKey(2048, index)
        case 'rsa-3072':
          return keptRsaKey(3072, index)
      }
    },
  }
}

/** SubjectPublicKeyInfo of a private key, DER. */
export function spkiOf(privateKey: KeyObject): Uint8Array {
  return Uint8Array.from(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }))
}

function keptRsaKey(modulusLength: number, index: number): KeyObject {
  const file = new URL(`rsa-${String(modulusLength)}-${String(index)}.pem`, keyDirectory)
  try {
    return createPrivateKey(readFileSync(file))
  } catch {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength })
    mkdirSync(keyDirectory, { recursive: true })
    const draft = new URL(`${randomUUID()}.draft`, keyDirectory)
    writeFileSync(draft, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 })
    renameSync(draft, file)
    return privateKey
  }
}

const keyDirectory = new URL('../../../../.cache/testkit-keys/', import.meta.url)
