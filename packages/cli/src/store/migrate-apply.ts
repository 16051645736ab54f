import { migrateStore, storeSchema } from '@holdfast/server/operate'
import { CommandError } from '../command-error.ts'
import { readConfiguration } from '../config/read-configuration.ts'
import type { MigrateOptions } from '../program/migrate.ts'
import { started } from '../serve/serve.ts'
import type { ExitCode, Terminal } from '../terminal.ts'

/** `holdfast migrate apply`: brings the store to the schema of this version, and refuses a newer one. */
export async function migrateApply(options: MigrateOptions, terminal: Terminal): Promise<ExitCode> {
  const { store } = readConfiguration(options.config, terminal)
  const { version, newest } = await started(() => storeSchema(store), options.config)
  if (version > newest)
    throw new CommandError('no', `the store has schema ${version}, of a newer version: this one knows ${newest}`, {
      hint: 'run the newer version',
    })
  await started(() => migrateStore(store), options.config)
  if (terminal.json) terminal.printJson({ before: version, schema: newest })
  else terminal.print(doneText(version, newest))
  return 0
}

function doneText(version: number, newest: number): string {
  if (version === newest) return `schema ${newest}, up to date`
  return version === 0 ? `schema ${newest} made` : `schema ${version} became ${newest}`
}
