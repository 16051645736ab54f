import { fail, ok, type Result } from '@holdfast/x509'
import type { Awaitable } from '../port/awaitable.ts'
import type { OutageFailure } from '../protocol-error/failure.ts'

/** Asks something behind a port; what it throws or rejects with becomes the failure that names it. */
export function reach<Value>(store: string, ask: () => Awaitable<Value>): Awaitable<Result<Value, OutageFailure>> {
  const away = (cause: unknown): Result<Value, OutageFailure> => fail({ reason: 'store_unavailable', store, cause })
  try {
    const answer = ask()
    return answer instanceof Promise ? answer.then(ok<Value>, away) : ok(answer)
  } catch (cause) {
    return away(cause)
  }
}
