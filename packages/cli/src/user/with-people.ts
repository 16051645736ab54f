import { openPeopleRegister, type PeopleRegister } from '@holdfast/server/operate'
import { readConfiguration } from '../config/read-configuration.ts'
import { started } from '../serve/serve.ts'
import type { Terminal } from '../terminal.ts'

/** Opens the people of a configuration for the length of one piece of work. */
export async function withPeople<T>(
  config: string,
  terminal: Terminal,
  work: (people: PeopleRegister) => Promise<T>,
): Promise<T> {
  const configuration = readConfiguration(config, terminal)
  const people = await started(() => openPeopleRegister(configuration), config)
  try {
    return await work(people)
  } finally {
    await people.close()
  }
}
