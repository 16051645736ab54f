import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'

/** The key that seals private signing keys at rest: AES-256. */
export type MasterKey = KeyObject

/** Makes a master key file, base64 of 32 random bytes, mode 0600. Throws `EEXIST` when there is one: it is never replaced. */
export function createMasterKeyFile(path: string): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeSync(file, `${randomBytes(keyBytes).toString('base64')}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Reads what {@link createMasterKeyFile} wrote. Throws with a message that holds nothing of the file. */
export function readMasterKeyFile(path: string): MasterKey {
  const text = readFileSync(path, 'utf8').trim()
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== keyBytes || bytes.toString('base64').replace(/={1,2}$/, '') !== text.replace(/={1,2}$/, '')) {
    throw new TypeError(`${path}: not a master key: expected 32 bytes as base64`)
  }
  return createSecretKey(bytes)
}

/** A master key for a store that dies with the process. */
export function ephemeralMasterKey(): MasterKey {
  return createSecretKey(randomBytes(keyBytes))
}

/** AES-256-GCM: nonce ‖ ciphertext ‖ tag. `purpose` is authenticated, so that one sealed thing cannot stand for another. */
export function seal(masterKey: MasterKey, purpose: string, plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', masterKey, nonce)
  cipher.setAAD(Buffer.from(purpose))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Undoes {@link seal}; `undefined` when another key sealed it, for another purpose, or when it was changed. */
export function unseal(masterKey: MasterKey, purpose: string, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < nonceBytes + tagBytes) return undefined
  const end = sealed.length - tagBytes
  const decipher = createDecipheriv('aes-256-gcm', masterKey, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(purpose))
  decipher.setAuthTag(sealed.subarray(end))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, end)), decipher.final()])
  } catch {
    return undefined
  }
}

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
