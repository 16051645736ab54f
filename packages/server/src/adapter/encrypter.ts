import type { Encrypter } from '@holdfast/core'

/** {@link Encrypter} by `jose`, which is loaded with the first answer that needs it. */
export function createEncrypter(): Encrypter {
  return {
    encrypt: async (jwt, key, { algorithm, encoding }) => {
      const { CompactEncrypt, importJWK } = await import('jose')
      const header = { alg: algorithm, enc: encoding, cty: 'JWT', ...(key.kid === undefined ? {} : { kid: key.kid }) }
      return new CompactEncrypt(Buffer.from(jwt))
        .setProtectedHeader(header)
        .encrypt(await importJWK({ ...key.publicJwk }, algorithm))
    },
  }
}
