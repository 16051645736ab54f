import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { EpochSeconds } from '@holdfast/core'

/**
 * The time step whose code this is, of those around `now`; `undefined` when it is none. RFC 6238 §4, §5.2: SHA-1, six digits, 30
 * seconds, one step of drift to either side. The caller sees to it that a step counts once.
 */
export function totpStep(key: Uint8Array, code: string, now: EpochSeconds): number | undefined {
  const digits = code.replaceAll(' ', '')
  if (!/^[0-9]{6}$/.test(digits)) return undefined
  const present = Math.floor(now / stepSeconds)
  let found: number | undefined
  // All are compared, whichever fits.
  for (const step of [present, present - 1, present + 1])
    if (timingSafeEqual(Buffer.from(totpCode(key, step)), Buffer.from(digits))) found ??= step
  return found
}

/** The code of a time step (RFC 4226 §5.3). */
export function totpCode(key: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const digest = createHmac('sha1', key).update(counter).digest()
  const offset = (digest[digest.length - 1] ?? 0) & 0x0f
  const truncated = digest.readUInt32BE(offset) & 0x7fff_ffff
  return String(truncated % 1_000_000).padStart(6, '0')
}

/** 160 random bits, as RFC 4226 §4 recommends. */
export function newTotpKey(): Uint8Array {
  return randomBytes(20)
}

/** RFC 4648 §6, without padding: what authenticator apps are given. */
export function base32(bytes: Uint8Array): string {
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

/** What an authenticator app opens. */
export function totpLink(issuer: string, account: string, key: Uint8Array): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`
  return `otpauth://totp/${label}?secret=${base32(key)}&issuer=${encodeURIComponent(issuer)}`
}

/** Until when a step may still come again. */
export function totpStepEnds(step: number): EpochSeconds {
  return (step + 2) * stepSeconds
}

const stepSeconds = 30
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
