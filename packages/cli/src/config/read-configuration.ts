import { type Configuration, type ConfigurationProblem, loadConfiguration } from '@holdfast/server'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { CommandError } from '../command-error.ts'
import { problemsText } from '../check/problem-text.ts'
import type { Environment, Terminal } from '../terminal.ts'

/** The configuration that a command works on, with the environment laid over it; its problems end the command. */
export function readConfiguration(file: string, terminal: Terminal): Configuration {
  return readConfigurationFile(configurationPath(file, terminal), terminal.environment, file)
}

/** The same for an absolute path; `name` is how the user knows the file. */
export function readConfigurationFile(path: string, environment: Environment, name: string = path): Configuration {
  const loaded = loadConfiguration({ file: path, environment })
  if (loaded.ok) return loaded.value
  throw configurationError(loaded.failure.problems, name)
}

/** The absolute path of a configuration that is there. */
export function configurationPath(file: string, terminal: Terminal): string {
  const path = resolve(terminal.folder, file)
  if (existsSync(path)) return path
  throw new CommandError('wrong_use', `there is no ${file}`, {
    hint: 'holdfast init writes one; --config names another',
  })
}

/** Ends a command that cannot work with this configuration. */
export function configurationError(problems: readonly ConfigurationProblem[], name: string): CommandError {
  const told = problemsText(problems, name).join('\n')
  return new CommandError('wrong_use', `the configuration is not right\n${told}`, {
    hint: `holdfast check --config ${name}`,
  })
}
