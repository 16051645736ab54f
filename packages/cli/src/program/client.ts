import type { Command } from 'commander'
import { command, commandGroup, type CommandContext, type CommonOptions, configOption } from './command.ts'

export interface ClientOptions extends CommonOptions {
  readonly config: string
}

export interface ClientListOptions extends ClientOptions {
  readonly after?: string
  readonly limit: string
}

export function clientCommand(context: CommandContext): Command {
  const one = (name: 'show' | 'disable' | 'enable' | 'remove', summary: string, effect: string): Command =>
    command({ name, summary, examples: [[`holdfast client ${name} 3xraMTZUUChlpwjKyMZKHBzE`, effect]] })
      .argument('<client-id>', 'which client')
      .addOption(configOption())
      .action((clientId: string, options: ClientOptions) =>
        context.run(options, async (terminal) =>
          (await import('../client/client-one.ts')).clientOne(name, clientId, options, terminal),
        ),
      )
  const list = command({
    name: 'list',
    summary: 'list the clients in the store: those that registered themselves or were added',
    examples: [['holdfast client list', 'the clients of ./holdfast.yaml that are not written in it']],
  })
    .option('--after <client-id>', 'begin behind this one')
    .option('--limit <number>', 'so many at most', '100')
    .addOption(configOption())
    .action((options: ClientListOptions) =>
      context.run(options, async (terminal) =>
        (await import('../client/client-list.ts')).clientList(options, terminal),
      ),
    )
  const add = command({
    name: 'add',
    summary: 'keep a client in the store',
    description:
      'Reads one client record, YAML or JSON, with the names that `clients` of the configuration has; from standard input when the file is -. ' +
      'Without client_id one is made. Running servers know the client at once.',
    examples: [
      ['holdfast client add acme.yaml', 'its client_id; its secret, if it has one, is shown this once'],
      ['holdfast cert registration acme.pem', 'prints records to begin with'],
    ],
  })
    .argument('<file>', 'the record, or - for standard input')
    .addOption(configOption())
    .action((file: string, options: ClientOptions) =>
      context.run(options, async (terminal) =>
        (await import('../client/client-record.ts')).clientAdd(file, options, terminal),
      ),
    )
  const update = command({
    name: 'update',
    summary: 'put another record in the place of a client’s',
    examples: [['holdfast client update acme acme.yaml', 'the whole record anew; a secret stays']],
  })
    .argument('<client-id>', 'which client')
    .argument('<file>', 'the record, or - for standard input')
    .addOption(configOption())
    .action((clientId: string, file: string, options: ClientOptions) =>
      context.run(options, async (terminal) =>
        (await import('../client/client-record.ts')).clientUpdate(clientId, file, options, terminal),
      ),
    )
  return commandGroup({
    name: 'client',
    summary: 'look after the clients that are kept in the store',
    examples: [
      ['holdfast client list', 'who is there'],
      ['holdfast client disable acme', 'no more tokens; what people allowed it ends'],
    ],
  })
    .addCommand(list)
    .addCommand(one('show', 'show how a client is registered', 'its record, as JSON'))
    .addCommand(add)
    .addCommand(update)
    .addCommand(one('disable', 'refuse a client until it is enabled again', 'no more tokens'))
    .addCommand(one('enable', 'let a disabled client in again', 'as before'))
    .addCommand(one('remove', 'remove a client for good', 'it is unknown from then on'))
}
