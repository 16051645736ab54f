/** A fake that can be told to fail, as a database that is away would. */
export interface Breakable {
  /** From now on every call rejects with this error, without effect. */
  breakDown(error?: Error): void
  mend(): void
}

/** Adds {@link Breakable} to a store whose methods all return promises. */
export function breakable<Store extends object>(store: Store): Store & Breakable {
  let failure: Error | undefined
  const calls = Object.entries(store).map(([name, method]: [string, (...values: never) => Promise<unknown>]) => [
    name,
    (...values: never) => (failure === undefined ? method(...values) : Promise.reject(failure)),
  ])
  return {
    ...(Object.fromEntries(calls) as Store),
    breakDown(error = new Error('the store is away')) {
      failure = error
    },
    mend() {
      failure = undefined
    },
  }
}
