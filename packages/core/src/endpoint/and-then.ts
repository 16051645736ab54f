import type { Result } from '@holdfast/x509'
import type { Awaitable } from '../port/awaitable.ts'

/**
 * Goes on with what was reached, at once when it is there already; a failure is the answer as it stands.
 *
 * Awaiting what is there costs a turn of the microtask queue each time, and a token request has a dozen such places.
 */
export function andThen<Value, Next, Failure>(
  reached: Awaitable<Result<Value, Failure>>,
  next: (value: Value) => Awaitable<Result<Next, Failure>>,
): Awaitable<Result<Next, Failure>> {
  if (reached instanceof Promise) return reached.then((settled) => (settled.ok ? next(settled.value) : settled))
  return reached.ok ? next(reached.value) : reached
}
