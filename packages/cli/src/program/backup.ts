import type { Command } from 'commander'
import { command, type CommandContext, type CommonOptions, configOption } from './command.ts'

export interface BackupOptions extends CommonOptions {
  readonly config: string
}

export function backupCommand(context: CommandContext): Command {
  return command({
    name: 'backup',
    summary: 'copy the store into a file while servers go on',
    description:
      'Copies a SQLite store into a new file: all of one moment, checked, and on the disk when the command ends. Servers go on ' +
      'writing meanwhile. The private signing keys in it are sealed by the master key, which a backup needs beside it and must not ' +
      'lie with. For PostgreSQL, prints the command of its own tool.',
    examples: [
      ['holdfast backup /backup/holdfast-monday.db', 'restore: stop the servers, put it in the place of the store'],
    ],
  })
    .argument('<file>', 'the new file')
    .addOption(configOption())
    .action((file: string, options: BackupOptions) =>
      context.run(options, async (terminal) => (await import('../store/backup.ts')).backup(file, options, terminal)),
    )
}
