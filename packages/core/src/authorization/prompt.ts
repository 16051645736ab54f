import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthorizationFailure } from '../protocol-error/authorization-failure.ts'
import type { RequestFailure } from '../protocol-error/failure.ts'

/** What the client wants to happen before it gets its answer (OpenID Connect Core §3.1.2.1). */
export type Prompt = 'none' | 'login' | 'consent' | 'select_account'

/** Reads `prompt`: each value known, and `none` alone. */
export function prompt(
  presented: string | undefined,
): Result<readonly Prompt[], AuthorizationFailure | RequestFailure> {
  if (presented === undefined) return ok([])
  const values: Prompt[] = []
  for (const word of presented.split(' ')) {
    const known = prompts.find((one) => one === word)
    if (known === undefined) return fail({ reason: 'parameter_malformed', parameter: 'prompt' })
    if (!values.includes(known)) values.push(known)
  }
  return values.includes('none') && values.length > 1
    ? fail({ reason: 'prompt_contradictory', presented: values.join(' ') })
    : ok(values)
}

/** Every {@link Prompt}. */
export const prompts: readonly Prompt[] = ['none', 'login', 'consent', 'select_account']
