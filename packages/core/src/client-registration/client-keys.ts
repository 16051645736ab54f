import type { CertificateThumbprint } from '../client-certificate/presented-certificate.ts'
import type { JweAlgorithm } from '../jose/jwe-algorithm.ts'
import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'

/** A client's JWK Set, parsed by json-web-key-set.ts: its usable public keys and the certificates they carry. */
export interface ClientKeys {
  readonly keys: readonly ClientKey[]
  /** Of every key with `x5c`. */
  readonly thumbprints: ReadonlySet<CertificateThumbprint>
  /** Those that say they are for encryption; absent where none does. */
  readonly encryptionKeys?: readonly ClientEncryptionKey[]
}

/** One public key that the client wants to be encrypted to. */
export interface ClientEncryptionKey {
  readonly kid: string | undefined
  /** Narrowed by `alg` when the JWK has it. */
  readonly algorithms: readonly JweAlgorithm[]
  /** Only the members that make the public key, ready for import as JWK. */
  readonly publicJwk: Readonly<Record<string, string>>
}

/** One public key. The object is the key's identity: an adapter may keep an imported key for as long as this lives. */
export interface ClientKey {
  readonly kid: string | undefined
  /** The algorithms that the key can be used with, narrowed by `alg` when the JWK has it. */
  readonly algorithms: readonly JwsAlgorithm[]
  /** Only the members that make the public key (RFC 7638 §3.2), ready for import as JWK. */
  readonly publicJwk: Readonly<Record<string, string>>
  /** Of the certificate in `x5c`, when there is one. */
  readonly certificateThumbprint: CertificateThumbprint | undefined
}
