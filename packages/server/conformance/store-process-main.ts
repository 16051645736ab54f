/** The process that `store-process.ts` starts: opens the store that the command line describes and does what it is asked. */
import { systemClock } from '../src/adapter/system-clock.ts'
import { openStore } from '../src/store/open-store.ts'
import type { StoreAnswer, StoreCall, StoreSettings } from './store-process.ts'

const settings = JSON.parse(process.argv[2] ?? '') as StoreSettings
const store = await openStore(settings as Parameters<typeof openStore>[0], systemClock)
const people = await store.people()
const stores: Readonly<Record<string, unknown>> = { ...store, ...people, oneTime: people.oneTime('pushed_request') }

process.on('message', ({ id, method, values }: StoreCall) => {
  const [name = '', verb] = method.split('.')
  const found = stores[name] as Readonly<Record<string, (...values: readonly unknown[]) => unknown>>
  const call = verb === undefined ? (found as unknown as () => unknown) : () => found[verb]?.(...values)
  Promise.resolve(call()).then(
    (value) => answer({ id, value }),
    (error: unknown) => {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      answer({ id, error: String(error), code })
    },
  )
})
process.on('disconnect', () => process.exit())

function answer(message: StoreAnswer): void {
  if (process.connected) process.send?.(message)
}
