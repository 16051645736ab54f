import { type Configuration, type ConfigurationProblem, loadConfiguration } from '@holdfast/server'
import type { Result } from '@holdfast/core'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { CommandError } from '../command-error.ts'
import { problemText } from '../check/problem-text.ts'
import type { Terminal } from '../terminal.ts'

/** The configuration that a command works on, with the environment laid over it; its problems end the command. */
export function readConfiguration(file: string, terminal: Terminal): Configuration {
  const loaded = tryConfiguration(file, terminal)
  if (loaded.ok) return loaded.value
  const { problems } = loaded.failure
  throw new CommandError(
    'wrong_use',
    `the configuration is not right\n${problems.map((problem) => problemText(problem, file)).join('\n')}`,
    { hint: `holdfast check --config ${file}` },
  )
}

/** The configuration, or all that is wrong with it. A file that is not there ends the command. */
export function tryConfiguration(
  file: string,
  terminal: Terminal,
): Result<Configuration, { readonly problems: readonly ConfigurationProblem[] }> {
  const path = resolve(terminal.folder, file)
  if (!existsSync(path))
    throw new CommandError('wrong_use', `there is no ${file}`, {
      hint: 'holdfast init writes one; --config names another',
    })
  return loadConfiguration({ file: path, environment: terminal.environment })
}
