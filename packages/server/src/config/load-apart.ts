import { fileURLToPath } from 'node:url'
import type { Advice } from './resolution.ts'
import type { ConfigurationProblem } from './configuration-problem.ts'
import type { ConfigurationSource } from './load-configuration.ts'
import type { PackedClients } from './packed-clients.ts'

/** What the process found that read a large configuration: all its problems, or what stands in it. */
export type LoadedApart =
  | { readonly problems: readonly ConfigurationProblem[] }
  | {
      /** The file with environment and flags laid over it, without its clients. */
      readonly data: unknown
      readonly clients: PackedClients
      readonly dangers: readonly string[]
      readonly advice: readonly Advice[]
    }

/**
 * Reads a large configuration in a process of its own. Reading takes many times the memory of what is read, which a process
 * would keep for as long as it lives. `undefined` when no process can be started.
 */
export function loadApart(source: ConfigurationSource): LoadedApart | undefined {
  // Loaded only here: most configurations are short.
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const { deserialize } = process.getBuiltinModule('node:v8')
  const conditions = process.execArgv.filter((argument) => argument.startsWith('--conditions='))
  const program = fileURLToPath(new URL(processFile, import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, [...conditions, program], {
    input: JSON.stringify(source),
    maxBuffer: maximumAnswer,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return status === 0 ? (deserialize(stdout) as LoadedApart) : undefined
}

const processFile = import.meta.url.endsWith('.ts') ? './load-apart-process.ts' : './load-apart-process.js'

/** Several times the longest file. */
const maximumAnswer = 512 * 1024 * 1024
