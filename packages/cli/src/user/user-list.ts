import { visible } from '../cert/visible.ts'
import type { UserOptions } from '../program/user.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { withPeople } from './with-people.ts'

/** `holdfast user list`: the people in the store; those of the configuration stand there. */
export async function userList(options: UserOptions, terminal: Terminal): Promise<ExitCode> {
  const people = await withPeople(options.config, terminal, (register) => register.list())
  if (terminal.json) {
    terminal.printJson(
      people.map(({ subject, userName, ways, disabled }) => ({ subject, username: userName ?? null, ways, disabled })),
    )
  } else if (people.length === 0) terminal.note('nobody is in the store')
  else
    for (const { subject, userName, ways, disabled } of people)
      terminal.print([visible(userName ?? ''), subject, ways.join(' '), ...(disabled ? ['disabled'] : [])].join('\t'))
  return 0
}
