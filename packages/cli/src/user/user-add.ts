import type { UserAddOptions } from '../program/user.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { readPassword } from './read-password.ts'
import { withPeople } from './with-people.ts'

/** `holdfast user add`: exits 1 when somebody has the name already. */
export async function userAdd(userName: string, options: UserAddOptions, terminal: Terminal): Promise<ExitCode> {
  const read = (options.withoutPassword ?? false) ? undefined : await readPassword()
  const claims = {
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.email === undefined ? {} : { email: options.email }),
  }
  const person = { userName, claims, password: read?.password, subject: options.subject }
  const added = await withPeople(options.config, terminal, (people) => people.add(person))
  if (added.outcome === 'login_taken') {
    terminal.note(`somebody is called ${userName} already, or has this e-mail address or subject`)
    return 1
  }
  const made = read?.made === 'yes' ? { password: read.password } : {}
  if (terminal.json) terminal.printJson({ subject: added.subject, ...made })
  else {
    terminal.note(`added ${userName}, sub ${added.subject}`)
    if (read?.made === 'yes') terminal.print(read.password)
  }
  return 0
}
