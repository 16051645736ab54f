import type { Command } from 'commander'
import { command, commandGroup, type CommandContext, type CommonOptions, configOption } from './command.ts'

export interface KeysOptions extends CommonOptions {
  readonly config: string
}

export function keysCommand(context: CommandContext): Command {
  const list = command({
    name: 'list',
    summary: 'list the signing keys and what each one does now',
    examples: [['holdfast keys list', 'the keys of ./holdfast.yaml']],
  })
    .addOption(configOption())
    .action((options: KeysOptions) =>
      context.run(options, async (terminal) => (await import('../keys/keys-list.ts')).keysList(options, terminal)),
    )
  const rotate = command({
    name: 'rotate',
    summary: 'make a new signing key, and end the ones before it in time',
    description:
      'Adds a signing key to the store and plans the end of its predecessors. The new key is published at once and signs once ' +
      'every cache of the old key set has run out; the old ones stay published until the last token they signed has expired.',
    examples: [['holdfast keys rotate', 'a new key of the configured algorithm']],
  })
    .addOption(configOption())
    .action((options: KeysOptions) =>
      context.run(options, async (terminal) => (await import('../keys/keys-rotate.ts')).keysRotate(options, terminal)),
    )
  return commandGroup({
    name: 'keys',
    summary: 'list and rotate the keys that sign tokens',
    examples: [
      ['holdfast keys list', 'what is there'],
      ['holdfast keys rotate', 'a new key'],
    ],
  })
    .addCommand(list)
    .addCommand(rotate)
}
