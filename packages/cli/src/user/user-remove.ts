import type { UserOptions } from '../program/user.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { withPeople } from './with-people.ts'

/** `holdfast user remove`: exits 1 when there is nobody of that name in the store. */
export async function userRemove(name: string, options: UserOptions, terminal: Terminal): Promise<ExitCode> {
  const outcome = await withPeople(options.config, terminal, (people) => people.remove(name))
  if (outcome === 'removed') {
    if (terminal.json) terminal.printJson({ removed: true })
    else terminal.note(`removed ${name}, with all logins and all that was allowed`)
    return 0
  }
  terminal.note(
    outcome === 'unknown' ? `nobody is called ${name}` : `${name} stands in the configuration: remove it there`,
  )
  return 1
}
