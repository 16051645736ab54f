import type { EpochSeconds } from './clock.ts'

export type SigningAlgorithm = 'ES256' | 'EdDSA' | 'PS256' | 'RS256'

/** What a key of ours is for that opens request objects: all ways of its kind. */
export type EncryptionKeyAlgorithm = 'ECDH-ES' | 'RSA-OAEP'

/** A key as a store keeps it: the private part only as ciphertext. For encryption, read `open` for `sign`. */
export interface SigningKeyRecord {
  readonly kid: string
  readonly algorithm: SigningAlgorithm | EncryptionKeyAlgorithm
  /** Public JWK (RFC 7517), JSON. */
  readonly publicJwk: Readonly<Record<string, string>>
  /** PKCS#8 DER, encrypted by the master key (AES-256-GCM: nonce ‖ ciphertext ‖ tag). */
  readonly sealedPrivateKey: Uint8Array
  readonly createdAt: EpochSeconds
  /** Published from `createdAt`, signs from here. */
  readonly signsFrom: EpochSeconds
  /** Signs until here, when a successor takes over. */
  readonly signsUntil: EpochSeconds | undefined
  /** Published until here. */
  readonly publishedUntil: EpochSeconds | undefined
}

export interface SigningKeyStore {
  list(): Promise<readonly SigningKeyRecord[]>
  /**
   * Adds `successor` and ends its predecessors of the same algorithm, in one transaction. Of concurrent calls that name the same
   * `predecessors`, exactly one answers `rotated`.
   */
  rotate(change: {
    readonly successor: SigningKeyRecord
    readonly predecessors: readonly {
      readonly kid: string
      readonly signsUntil: EpochSeconds
      readonly publishedUntil: EpochSeconds
    }[]
  }): Promise<'rotated' | 'superseded'>
}
