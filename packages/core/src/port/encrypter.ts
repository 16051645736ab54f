import type { Result } from '@holdfast/x509'
import type { ClientEncryptionKey } from '../client-registration/client-keys.ts'
import type { CompactJwe } from '../jose/compact-jwe.ts'
import type { JweMethod } from '../jose/jwe-algorithm.ts'

/** Encrypts answers to clients. */
export interface Encrypter {
  /** Puts a signed JWT into a JWE for this key, in compact form: a nested JWT (RFC 7519 §5.2, `cty` JWT). */
  encrypt(jwt: string, key: ClientEncryptionKey, method: JweMethod): Promise<string>
}

/** Opens what was encrypted to a key of ours. */
export interface Decrypter {
  /** What is inside, as text. All that can be wrong inside is one answer: whoever guesses learns nothing. */
  decrypt(jwe: CompactJwe): Promise<Result<string, 'key_unknown' | 'not_decrypted'>>
}
