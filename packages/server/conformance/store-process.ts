import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Configuration } from '@holdfast/server'

/** A store that is open in a process of its own. */
export interface StoreProcess {
  readonly child: ChildProcess
  /** Calls a method by its path from the store, `people.` and `oneTime.` resolved; rejects when the process dies before it answers. */
  call(method: string, ...values: readonly unknown[]): Promise<unknown>
  /** Ends the process at once. */
  kill(): Promise<void>
}

export type StoreSettings = Pick<Configuration, 'store' | 'limits'>

/** What the process is asked, and what it answers. */
export interface StoreCall {
  readonly id: number
  readonly method: string
  readonly values: readonly unknown[]
}

export type StoreAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string; readonly code: unknown }

export async function startStoreProcess(settings: StoreSettings): Promise<StoreProcess> {
  const child = fork(process_, [JSON.stringify(settings)], { execArgv: ['--conditions=holdfast-source'] })
  const waiting = new Map<number, (answer: StoreAnswer) => void>()
  let calls = 0
  child.on('message', (answer: StoreAnswer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  const exited = once(child, 'exit')
  void exited.then(() => {
    for (const [id, answer] of waiting) answer({ id, error: 'the process is gone', code: 'gone' })
    waiting.clear()
  })
  const call: StoreProcess['call'] = (method, ...values) =>
    new Promise((resolve, reject) => {
      const id = ++calls
      waiting.set(id, (answer) => {
        if ('error' in answer) reject(Object.assign(new Error(answer.error), { code: answer.code }))
        else resolve(answer.value)
      })
      const gone = (): void => {
        waiting.delete(id)
        reject(Object.assign(new Error('the process is gone'), { code: 'gone' }))
      }
      if (!child.connected) return gone()
      child.send({ id, method, values } satisfies StoreCall, (error) => error && gone())
    })
  await call('isWritable')
  return {
    child,
    call,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

const process_ = fileURLToPath(new URL('store-process-main.ts', import.meta.url))
