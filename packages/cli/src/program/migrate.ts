import type { Command } from 'commander'
import { command, commandGroup, type CommandContext, type CommonOptions, configOption } from './command.ts'

export interface MigrateOptions extends CommonOptions {
  readonly config: string
}

export function migrateCommand(context: CommandContext): Command {
  const status = command({
    name: 'status',
    summary: 'say whether the store has the schema of this version; exit 1 when not',
    examples: [['holdfast migrate status', 'the store of ./holdfast.yaml']],
  })
    .addOption(configOption())
    .action((options: MigrateOptions) =>
      context.run(options, async (terminal) =>
        (await import('../store/migrate-status.ts')).migrateStatus(options, terminal),
      ),
    )
  const apply = command({
    name: 'apply',
    summary: 'bring the store to the schema of this version',
    description:
      'Brings the schema of the store to that of this version, in one transaction; several at once wait for each other. A newer ' +
      'schema is refused. A server does the same when it starts, unless store.migrate is by-hand.',
    examples: [['holdfast migrate apply', 'once, before the servers of a new version start']],
  })
    .addOption(configOption())
    .action((options: MigrateOptions) =>
      context.run(options, async (terminal) =>
        (await import('../store/migrate-apply.ts')).migrateApply(options, terminal),
      ),
    )
  return commandGroup({
    name: 'migrate',
    summary: 'look at the schema of the store, bring it up to date',
    examples: [
      ['holdfast migrate status', 'is there anything to do?'],
      ['holdfast migrate apply', 'do it'],
    ],
  })
    .addCommand(status)
    .addCommand(apply)
}
