/** The process that `start-workers.ts` starts: serves alone what the first process tells it, on shared listeners. */
import { loadConfiguration } from '../config/load-configuration.ts'
import { ConfigurationError } from '../configuration-error.ts'
import { serveInProcess } from '../serve-in-process.ts'
import type { RunningServer } from '../start-server.ts'
import type { WorkerAnswer, WorkerRequest } from './worker-messages.ts'

let server: RunningServer | undefined

process.on('message', (message: WorkerRequest) => {
  switch (message.holdfast) {
    case 'start':
      return void start(message).catch(failed)
    case 'reload':
      return void server?.reload().then((reloaded) => {
        answer({ holdfast: 'reloaded', problems: reloaded.ok ? [] : reloaded.failure })
      })
    case 'close':
      return void close().then(() => process.disconnect?.())
  }
})

// Stopping is the first process's to say; a terminal sends its signals to every process of the group.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

// Without the first process nobody could stop or reload this one.
process.on('disconnect', () => void close().finally(() => process.exit(0)))

async function start({ source, jwksUriCa }: Extract<WorkerRequest, { holdfast: 'start' }>): Promise<void> {
  const loaded = loadConfiguration(source)
  if (!loaded.ok) throw new ConfigurationError(loaded.failure.problems)
  server = await serveInProcess(loaded.value, { worker: 'yes', ...(jwksUriCa === undefined ? {} : { jwksUriCa }) })
  answer({ holdfast: 'started', addresses: server.addresses })
}

async function close(): Promise<void> {
  const running = server
  server = undefined
  await running?.close()
}

function failed(error: unknown): void {
  const { message, ...facts } =
    error instanceof Error ? { ...error, message: error.message } : { message: String(error) }
  answer({ holdfast: 'failed', message, facts })
}

function answer(message: WorkerAnswer): void {
  process.send?.(message)
}
