import { type Command, Option } from 'commander'
import { command, commandGroup, type CommandContext, type CommonOptions, configOption } from './command.ts'

export interface KeysOptions extends CommonOptions {
  readonly config: string
}

export interface KeysRotateOptions extends KeysOptions {
  readonly algorithm?: 'ES256' | 'EdDSA' | 'PS256' | 'RS256'
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
    examples: [
      ['holdfast keys rotate', 'rotate the keys of the configured algorithm'],
      ['holdfast keys rotate --algorithm EdDSA', 'rotate the keys of one algorithm'],
    ],
  })
    .addOption(configOption())
    .addOption(
      new Option('--algorithm <name>', 'which keys to rotate (default: the one that signs tokens)').choices([
        'ES256',
        'EdDSA',
        'PS256',
        'RS256',
      ]),
    )
    .action((options: KeysRotateOptions) =>
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
