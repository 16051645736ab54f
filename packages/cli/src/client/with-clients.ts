import { type ClientRegistry, openClientRegistry } from '@holdfast/server/operate'
import { CommandError } from '../command-error.ts'
import { readConfiguration } from '../config/read-configuration.ts'
import type { ClientOptions } from '../program/client.ts'
import { started } from '../serve/serve.ts'
import type { Terminal } from '../terminal.ts'

/** Opens the clients in the store of a configuration for the length of one piece of work. */
export async function withClients<T>(
  options: ClientOptions,
  terminal: Terminal,
  work: (clients: ClientRegistry) => Promise<T>,
): Promise<T> {
  const configuration = readConfiguration(options.config, terminal)
  const clients = await started(() => openClientRegistry(configuration), options.config)
  if (clients === 'registration_off') {
    throw new CommandError('wrong_use', `the clients of ${options.config} stand in the file itself`, {
      hint: 'registration: { endpoint: off } lets the server look in its store as well',
    })
  }
  try {
    return await work(clients)
  } finally {
    await clients.close()
  }
}

/** Ends a command about a client that is not there. */
export function noSuchClient(clientId: string): CommandError {
  return new CommandError('no', `there is no client ${JSON.stringify(clientId.slice(0, longestShown))} in the store`, {
    hint: 'holdfast client list',
  })
}

const longestShown = 100
