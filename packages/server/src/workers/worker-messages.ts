import type { ConfigurationProblem } from '../config/configuration-problem.ts'
import type { ConfigurationSource } from '../config/load-configuration.ts'

/** What the first process asks of a worker. */
export type WorkerRequest =
  | { readonly holdfast: 'start'; readonly source: ConfigurationSource; readonly jwksUriCa: string | undefined }
  | { readonly holdfast: 'reload' }
  | { readonly holdfast: 'close' }

/** What a worker answers. */
export type WorkerAnswer =
  | { readonly holdfast: 'started'; readonly addresses: readonly string[] }
  | { readonly holdfast: 'failed'; readonly message: string; readonly facts: Readonly<Record<string, unknown>> }
  | { readonly holdfast: 'reloaded'; readonly problems: readonly ConfigurationProblem[] }
