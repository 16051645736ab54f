import { randomInt } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { StoreUnavailableError } from '../store-unavailable-error.ts'

/** Writes that are committed together. */
export interface GroupCommit {
  /**
   * Runs `operation` inside the next transaction and answers its result once that transaction is on the disk. Rejects with
   * {@link StoreUnavailableError} when nothing was kept; a later call may succeed.
   */
  write<Value>(operation: () => Value): Promise<Value>
  /** Commits what waits, then refuses further writes. */
  close(): Promise<void>
}

/**
 * Collects the writes of one turn of the event loop and commits them in one transaction, so that many requests share one
 * `fsync`.
 *
 * A group is bounded; what remains waits for the next turn, so that reads and answers go on in between. When another process
 * holds the file, the group is tried again without blocking until `busyTimeoutSeconds` have passed.
 */
export function createGroupCommit(database: DatabaseSync, busyTimeoutSeconds: number): GroupCommit {
  let queue: QueuedWrite[] = []
  let scheduled = false
  let closed = false
  let busySince: number | undefined
  let drained: (() => void) | undefined
  const begin = database.prepare('begin immediate')
  const commit = database.prepare('commit')

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(flush)
  }

  function flush(): void {
    scheduled = false
    const group = queue.slice(0, maximumGroup)
    const results: unknown[] = []
    let begun = false
    try {
      begin.run()
      begun = true
      for (const write of group) results.push(write.operation())
      commit.run()
    } catch (cause) {
      if (database.isOpen && database.isTransaction) database.exec('rollback')
      if (!begun && isBusy(cause) && waitForOther()) return
      settle(group.length)
      const error = new StoreUnavailableError(isBusy(cause) ? 'store_busy' : 'store_failed', { cause })
      for (const write of group) write.reject(error)
      return
    }
    settle(group.length)
    for (const [index, write] of group.entries()) write.resolve(results[index])
  }

  function settle(count: number): void {
    busySince = undefined
    queue = queue.length === count ? [] : queue.slice(count)
    if (queue.length > 0) schedule()
    else drained?.()
  }

  /** Whether there is time left to try again; then it is scheduled. */
  function waitForOther(): boolean {
    busySince ??= performance.now()
    if (performance.now() - busySince > busyTimeoutSeconds * 1000) return false
    scheduled = true
    setTimeout(flush, randomInt(1, retryMilliseconds))
    return true
  }

  return {
    write: <Value>(operation: () => Value) =>
      new Promise<Value>((resolve, reject) => {
        if (closed) return reject(new StoreUnavailableError('store_closed'))
        if (queue.length >= maximumQueue) return reject(new StoreUnavailableError('store_overloaded'))
        queue.push({ operation, resolve: resolve as (value: unknown) => void, reject })
        schedule()
      }),
    close: () =>
      new Promise((resolve) => {
        closed = true
        if (queue.length === 0) return resolve()
        drained = resolve
      }),
  }
}

interface QueuedWrite {
  readonly operation: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: StoreUnavailableError) => void
}

function isBusy(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0
  return (code & 0xff) === sqliteBusy
}

const sqliteBusy = 5

/** About 2 ms of work: the loop is free again before a request notices. */
const maximumGroup = 64

/** Some 300 ms of writes; who comes later is told 503 at once instead of waiting for his own time-out. */
const maximumQueue = 8_192

const retryMilliseconds = 10
