/** What sealing a PKCS#12 file needs from `node:crypto`, all of it synchronous. */
declare module 'node:crypto' {
  export function pbkdf2Sync(
    password: Uint8Array,
    salt: Uint8Array,
    iterations: number,
    keyLength: number,
    digest: string,
  ): Uint8Array<ArrayBuffer>
  export function createCipheriv(
    algorithm: 'aes-256-cbc',
    key: Uint8Array,
    iv: Uint8Array,
  ): { update(data: Uint8Array): Uint8Array<ArrayBuffer>; final(): Uint8Array<ArrayBuffer> }
  export function createHmac(algorithm: string, key: Uint8Array): Digest
}
