import { StoreUnavailableError } from '../store-unavailable-error.ts'

/**
 * Collects what is written while the database is busy with the writes before, and sends it as one statement: many requests share
 * one round trip and one flush. One that comes alone is sent at once.
 *
 * `send` answers as many results as it was given items.
 */
export function createWriteBatches<Item, Answer>(
  send: (items: readonly Item[]) => Promise<readonly Answer[]>,
): (item: Item) => Promise<Answer> {
  let queue: QueuedItem<Item, Answer>[] = []
  let sending = 0
  let scheduled = false

  function flush(): void {
    scheduled = false
    while (queue.length > 0 && sending < maximumSending) {
      const batch = queue.slice(0, maximumBatch)
      queue = queue.slice(batch.length)
      sending++
      send(batch.map(({ item }) => item))
        .then(
          (answers) => batch.forEach(({ resolve }, at) => resolve(answers[at] as Answer)),
          (error: unknown) => batch.forEach(({ reject }) => reject(error)),
        )
        .finally(() => {
          sending--
          flush()
        })
    }
  }

  return (item) =>
    new Promise<Answer>((resolve, reject) => {
      if (queue.length >= maximumQueue) return reject(new StoreUnavailableError('store_overloaded'))
      queue.push({ item, resolve, reject })
      if (scheduled || sending >= maximumSending) return
      scheduled = true
      setImmediate(flush)
    })
}

interface QueuedItem<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** One on its way while the next is collected and the one before is flushed. */
const maximumSending = 2

/** About 5 ms of work for the database. */
const maximumBatch = 512

/** Who comes later is told 503 at once instead of waiting for his own time-out. */
const maximumQueue = 8_192
