import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { GuessLimit } from './guess-limit.ts'
import type { CodeOutcome } from './one-time-code.ts'
import type { KnownPerson, PeopleDirectory } from './people-directory.ts'
import { base32 } from './totp.ts'

/** Codes that stand in for a lost authenticator app, each once (NIST SP 800-63B-4 §3.1.2: look-up secrets). */
export interface RecoveryCodes {
  /** Whether this is a code of the person; then it is used up. Of concurrent calls with one code, in any process, one is right. */
  use(known: KnownPerson, code: string, address: string): Promise<RecoveryOutcome>
}

export type RecoveryOutcome =
  Exclude<CodeOutcome, { readonly outcome: 'right' }> | { readonly outcome: 'right'; readonly left: number }

export function createRecoveryCodes(people: PeopleDirectory, limit: GuessLimit): RecoveryCodes {
  return {
    use: async (known, code, address) => {
      const account = `code ${known.subject}`
      const seconds = await limit.guess(account, address)
      if (seconds > 0) return { outcome: 'wait', seconds }
      let now: KnownPerson | undefined = known
      for (let attempt = 0; attempt < attempts && now !== undefined; attempt++) {
        const { person } = now
        const { recovery } = person
        const used = recovery && found(recovery.hashes, recoveryCodeHash(known.subject, code))
        if (recovery === undefined || used === undefined) return { outcome: 'wrong' }
        const hashes = recovery.hashes.filter((hash) => hash !== used)
        if ((await people.change(now, { ...person, recovery: { ...recovery, hashes } })) === 'saved') {
          await limit.right(account, address)
          return { outcome: 'right', left: hashes.length }
        }
        now = await people.find(known.subject)
      }
      return { outcome: 'wrong' }
    },
  }
}

/** Ten new codes as they are shown, in fours. */
export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: howMany }, () => base32(randomBytes(codeBytes)).replaceAll(/(.{4})(?=.)/g, '$1-'))
}

/** A code as it is kept: 80 random bits need no slow hash. Case and what people put between do not count. */
export function recoveryCodeHash(subject: string, code: string): string {
  const bare = code
    .slice(0, longestCode)
    .toUpperCase()
    .replaceAll(/[^A-Z2-7]/g, '')
  return createHash('sha256')
    .update(JSON.stringify(['recovery code', subject, bare]))
    .digest('base64url')
}

/** All are compared, whichever fits. */
function found(hashes: readonly string[], hash: string): string | undefined {
  let fits: string | undefined
  const shown = Buffer.from(hash)
  for (const kept of hashes) {
    const bytes = Buffer.from(kept)
    if (bytes.length === shown.length && timingSafeEqual(bytes, shown)) fits = kept
  }
  return fits
}

const howMany = 10

/** 80 bits: sixteen letters of base32. */
const codeBytes = 10
const longestCode = 64

/** Somebody may change his account at the same moment, not often. */
const attempts = 4
