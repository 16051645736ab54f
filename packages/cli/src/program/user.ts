import type { Command } from 'commander'
import { command, commandGroup, type CommandContext, type CommonOptions, configOption } from './command.ts'

export interface UserOptions extends CommonOptions {
  readonly config: string
}

export interface UserAddOptions extends UserOptions {
  readonly name?: string
  readonly email?: string
  readonly subject?: string
  readonly withoutPassword?: true
}

export function userCommand(context: CommandContext): Command {
  const add = command({
    name: 'add',
    summary: 'add a person who can log in',
    description:
      'Adds a person to the store. The password is the first line of standard input; on a terminal one is made and printed, once.',
    examples: [
      ['holdfast user add ada --name "Ada Lovelace"', 'makes a password and prints it'],
      ['pass show ada | holdfast user add ada', 'takes the password from another program'],
    ],
  })
    .argument('<username>', 'what the person types to log in')
    .addOption(configOption())
    .option('--name <name>', 'the full name')
    .option('--email <address>', 'the e-mail address, which logs in, too')
    .option('--subject <sub>', 'sub of the tokens, for ever; made up when absent')
    .option('--without-password', 'the person logs in by an upstream provider, a certificate or a proxy')
    .action((username: string, options: UserAddOptions) =>
      context.run(options, async (terminal) =>
        (await import('../user/user-add.ts')).userAdd(username, options, terminal),
      ),
    )
  const list = command({
    name: 'list',
    summary: 'list the people in the store',
    examples: [['holdfast user list', 'who can log in, and how']],
  })
    .addOption(configOption())
    .action((options: UserOptions) =>
      context.run(options, async (terminal) => (await import('../user/user-list.ts')).userList(options, terminal)),
    )
  const passwd = command({
    name: 'passwd',
    summary: 'give a person another password, and end all logins of that person',
    examples: [['holdfast user passwd ada', 'makes a password and prints it']],
  })
    .argument('<username>', 'user name, e-mail address or subject')
    .addOption(configOption())
    .action((username: string, options: UserOptions) =>
      context.run(options, async (terminal) =>
        (await import('../user/user-passwd.ts')).userPasswd(username, options, terminal),
      ),
    )
  const remove = command({
    name: 'remove',
    summary: 'remove a person, with all logins and all that was allowed',
    examples: [['holdfast user remove ada', 'tokens for this person end at once']],
  })
    .argument('<username>', 'user name, e-mail address or subject')
    .addOption(configOption())
    .action((username: string, options: UserOptions) =>
      context.run(options, async (terminal) =>
        (await import('../user/user-remove.ts')).userRemove(username, options, terminal),
      ),
    )
  const hash = command({
    name: 'hash',
    summary: 'print the hash of a password, for password_hash in holdfast.yaml',
    description: 'The password is the first line of standard input.',
    examples: [['pass show ada | holdfast user hash', 'argon2id in PHC form']],
  }).action((options: CommonOptions) =>
    context.run(options, async (terminal) => (await import('../user/user-hash.ts')).userHash(terminal)),
  )
  return commandGroup({
    name: 'user',
    summary: 'add, list and remove the people who can log in',
    examples: [
      ['holdfast user add ada', 'a person with a new password'],
      ['holdfast user list', 'who is there'],
    ],
  })
    .addCommand(add)
    .addCommand(list)
    .addCommand(passwd)
    .addCommand(remove)
    .addCommand(hash)
}
