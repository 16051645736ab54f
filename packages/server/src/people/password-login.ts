import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import type { SecretVerifier } from '@holdfast/core'
import type { GuessLimit } from './guess-limit.ts'
import type { KnownPerson, PeopleDirectory } from './people-directory.ts'
import { normalizedName } from './person.ts'

/** Why a person is not let in by a password. He is told `wrong` in every case but the last two. */
export type PasswordFailure =
  | {
      readonly reason: 'user_unknown' | 'password_wrong' | 'user_disabled' | 'user_without_password'
      readonly told: 'wrong'
      /** Who it would have been. */
      readonly subject?: string
    }
  | {
      readonly reason: 'too_many_guesses'
      readonly told: 'wait'
      readonly seconds: number
      readonly subject?: string
    }
  | { readonly reason: 'too_busy'; readonly told: 'busy'; readonly subject?: string }

export interface PasswordLogin {
  /**
   * The person whom name and password let in. An unknown name costs the time of a wrong password, and is counted and limited
   * as a known one is, so that nobody learns who has an account.
   */
  check(name: string, password: string, address: string): Promise<Result<KnownPerson, PasswordFailure>>
  /** Whether this is the password of a person who is logged in; limited in the same way. */
  confirm(known: KnownPerson, password: string, address: string): Promise<Result<KnownPerson, PasswordFailure>>
}

export function createPasswordLogin(
  people: PeopleDirectory,
  secrets: SecretVerifier,
  limit: GuessLimit,
): PasswordLogin {
  const judge = async (
    known: KnownPerson | undefined,
    account: string,
    password: string,
    address: string,
  ): Promise<Result<KnownPerson, PasswordFailure>> => {
    const seconds = await limit.guess(account, address)
    const who = known === undefined ? {} : { subject: known.subject }
    if (seconds > 0) return fail({ reason: 'too_many_guesses', told: 'wait', seconds, ...who })
    let right: boolean
    try {
      right = await secrets.verify(password, known?.person.passwordHash)
    } catch {
      await limit.right(account, address)
      return fail({ reason: 'too_busy', told: 'busy', ...who })
    }
    if (known === undefined) return fail({ reason: 'user_unknown', told: 'wrong' })
    if (known.person.passwordHash === undefined) return fail({ reason: 'user_without_password', told: 'wrong', ...who })
    if (!right) return fail({ reason: 'password_wrong', told: 'wrong', ...who })
    if (known.person.disabled === true) return fail({ reason: 'user_disabled', told: 'wrong', ...who })
    await limit.right(account, address)
    return ok(known)
  }
  return {
    check: async (name, password, address) => {
      const value = normalizedName(name)
      const known = await people.findByLogin({ kind: 'name', value })
      // Whoever is found is read from the store besides.
      if (known === undefined) await people.find('')
      return judge(known, value, password, address)
    },
    confirm: (known, password, address) =>
      judge(known, normalizedName(known.person.userName ?? known.subject), password, address),
  }
}
