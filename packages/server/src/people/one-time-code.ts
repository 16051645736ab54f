import type { Clock, ReplayStore } from '@holdfast/core'
import type { MasterKey } from '../keys/master-key.ts'
import { seal, unseal } from '../keys/master-key.ts'
import type { GuessLimit } from './guess-limit.ts'
import type { KnownPerson } from './people-directory.ts'
import type { Person } from './person.ts'
import { totpStep, totpStepEnds } from './totp.ts'

/** What became of a code. */
export type CodeOutcome =
  { readonly outcome: 'right' | 'wrong' } | { readonly outcome: 'wait'; readonly seconds: number }

export interface OneTimeCodes {
  /** Whether this is a code of the person's authenticator app that was not used before, in any process. */
  check(known: KnownPerson, code: string, address: string): Promise<CodeOutcome>
  /** The same for a key that is being set up. */
  checkNew(subject: string, key: Uint8Array, code: string, address: string): Promise<CodeOutcome>
  /** The key as it is kept. */
  sealed(subject: string, key: Uint8Array): NonNullable<Person['totp']>
}

export function createOneTimeCodes(
  masterKeys: readonly MasterKey[],
  replays: ReplayStore,
  limit: GuessLimit,
  clock: Clock,
): OneTimeCodes {
  const [present] = masterKeys
  if (present === undefined) throw new TypeError('no master key')
  const purpose = (subject: string): string => `totp ${subject}`
  const check = async (
    subject: string,
    key: Uint8Array | undefined,
    code: string,
    address: string,
  ): Promise<CodeOutcome> => {
    const account = `code ${subject}`
    const seconds = await limit.guess(account, address)
    if (seconds > 0) return { outcome: 'wait', seconds }
    const step = key && totpStep(key, code, clock.now())
    if (step === undefined) return { outcome: 'wrong' }
    const taken = await replays.take('totp', `${subject} ${step}`, totpStepEnds(step))
    if (taken !== 'first') return { outcome: 'wrong' }
    await limit.right(account, address)
    return { outcome: 'right' }
  }
  return {
    check: ({ subject, person }, code, address) => {
      const sealed = person.totp && Buffer.from(person.totp.sealedKey, 'base64url')
      const key = sealed && firstOf(masterKeys, (masterKey) => unseal(masterKey, purpose(subject), sealed))
      return check(subject, key, code, address)
    },
    checkNew: check,
    sealed: (subject, key) => ({
      sealedKey: Buffer.from(seal(present, purpose(subject), key)).toString('base64url'),
      since: clock.now(),
    }),
  }
}

function firstOf<From, To>(list: readonly From[], of: (item: From) => To | undefined): To | undefined {
  for (const item of list) {
    const found = of(item)
    if (found !== undefined) return found
  }
  return undefined
}
