import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'

/** What making a certificate takes from the world: the time, randomness and fresh keys. Tests bring their own. */
export interface Making {
  /** Epoch seconds. */
  readonly now: () => number
  readonly random: (octets: number) => Uint8Array
  readonly newKey: (kind: KeyKind) => KeyObject
}

export type KeyKind = (typeof keyKinds)[number]

export const keyKinds = ['ec-p256', 'ec-p384', 'ed25519', 'rsa-2048', 'rsa-3072'] as const

/** The real ones. */
export const systemMaking: Making = {
  now: () => Math.floor(Date.now() / 1000),
  random: (octets) => new Uint8Array(randomBytes(octets)),
  newKey(kind) {
    switch (kind) {
      case 'ec-p256':
        return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      case 'ec-p384':
        return generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
      case 'ed25519':
        return generateKeyPairSync('ed25519').privateKey
      case 'rsa-2048':
        return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
      case 'rsa-3072':
        return generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey
    }
  },
}
