import { storeSchema } from '@holdfast/server/operate'
import { readConfiguration } from '../config/read-configuration.ts'
import type { MigrateOptions } from '../program/migrate.ts'
import { started } from '../serve/serve.ts'
import type { ExitCode, Terminal } from '../terminal.ts'

/** `holdfast migrate status`: which schema the store has; 1 when it is another than this version's. */
export async function migrateStatus(options: MigrateOptions, terminal: Terminal): Promise<ExitCode> {
  const { store } = readConfiguration(options.config, terminal)
  const { version, newest } = await started(() => storeSchema(store), options.config)
  if (terminal.json) terminal.printJson({ schema: version, newest, up_to_date: version === newest })
  else terminal.print(statusText(version, newest))
  return version === newest ? 0 : 1
}

function statusText(version: number, newest: number): string {
  if (version === newest) return `schema ${version}, up to date`
  if (version === 0) return `no schema yet, this version makes ${newest}`
  return version < newest
    ? `schema ${version}, this version needs ${newest}: holdfast migrate apply`
    : `schema ${version}, of a newer version: this one knows ${newest}`
}
