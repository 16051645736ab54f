import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@holdfast/core'
import { seal, unseal } from '../keys/master-key.ts'
import type { MasterKey } from '../keys/master-key.ts'

/**
 * State that travels with the browser, sealed: any process that has the master key can read it, nobody else, and not after its end.
 * It can be brought again until then; what must happen once is taken from a store besides.
 */
export interface SealedState {
  /** `purpose` says what for and, where it is bound to one, for which browser. `lifetime` in seconds. */
  seal(purpose: string, state: object, lifetime: number): string
  /** What was sealed; `undefined` when it was not, for something else, changed, or too long ago. */
  open(purpose: string, text: string | undefined): Readonly<Record<string, unknown>> | undefined
  /** A token that only we can make for this text. */
  proof(purpose: string, text: string): string
  isProof(purpose: string, text: string, shown: string | undefined): boolean
}

/** `masterKeys`: the present one first, then those that may have sealed before. */
export function createSealedState(masterKeys: readonly MasterKey[], clock: Clock): SealedState {
  const [present] = masterKeys
  if (present === undefined) throw new TypeError('no master key')
  const proofKeys = masterKeys.map((key) => Buffer.from(hkdfSync('sha256', key, '', 'holdfast proofs of pages', 32)))
  const proofOf = (key: Buffer, purpose: string, text: string): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([purpose, text]))
      .digest()
  return {
    seal: (purpose, state, lifetime) => {
      const text = JSON.stringify({ ...state, [endMember]: clock.now() + lifetime })
      return Buffer.from(seal(present, pagePurpose + purpose, Buffer.from(text))).toString('base64url')
    },
    open: (purpose, text) => {
      if (text === undefined || text.length > longestState || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined
      const sealed = Buffer.from(text, 'base64url')
      for (const key of masterKeys) {
        const plain = unseal(key, pagePurpose + purpose, sealed)
        if (plain === undefined) continue
        const state = JSON.parse(Buffer.from(plain).toString()) as Readonly<Record<string, unknown>>
        return clock.now() < Number(state[endMember]) ? state : undefined
      }
      return undefined
    },
    proof: (purpose, text) => proofOf(proofKeys[0] ?? Buffer.alloc(0), purpose, text).toString('base64url'),
    isProof: (purpose, text, shown) => {
      if (shown === undefined || shown.length > longestProof) return false
      const bytes = Buffer.from(shown, 'base64url')
      return proofKeys.some((key) => {
        const expected = proofOf(key, purpose, text)
        return expected.length === bytes.length && timingSafeEqual(expected, bytes)
      })
    },
  }
}

/** Nothing else that the master key seals has a purpose that begins so. */
const pagePurpose = 'page '
const endMember = 'until'
const longestProof = 100

/** A passkey's options, or an upstream login with its verifier and nonce, have some hundred characters. */
const longestState = 8192
