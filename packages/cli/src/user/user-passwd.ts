import type { UserOptions } from '../program/user.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { readPassword } from './read-password.ts'
import { withPeople } from './with-people.ts'

/** `holdfast user passwd`: exits 1 when there is nobody of that name in the store. */
export async function userPasswd(name: string, options: UserOptions, terminal: Terminal): Promise<ExitCode> {
  const { password, made } = await readPassword()
  const outcome = await withPeople(options.config, terminal, (people) => people.setPassword(name, password))
  if (outcome !== 'changed') {
    terminal.note(`${name}: ${told[outcome]}`)
    return 1
  }
  if (terminal.json) terminal.printJson(made === 'yes' ? { changed: true, password } : { changed: true })
  else {
    terminal.note(`${name} has another password, and is logged out everywhere`)
    if (made === 'yes') terminal.print(password)
  }
  return 0
}

const told = {
  unknown: 'nobody is called so',
  configured: 'stands in the configuration, and so does the password',
  conflict: 'was changed by somebody else meanwhile',
} as const
