import type { encryptionMethods } from '../client-registration/security-profile.ts'

/** `…_encryption_alg_values_supported` and `…_encryption_enc_values_supported` of each kind of answer. */
export function encryptedMembers(
  kinds: readonly string[],
  { algorithms, encodings }: ReturnType<typeof encryptionMethods>,
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries<readonly string[]>(
    kinds.flatMap((kind): (readonly [string, readonly string[]])[] => [
      [`${kind}_encryption_alg_values_supported`, algorithms],
      [`${kind}_encryption_enc_values_supported`, encodings],
    ]),
  )
}
