import type { ClientOptions } from '../program/client.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { clientJson } from './client-json.ts'
import { noSuchClient, withClients } from './with-clients.ts'

/** `holdfast client show | disable | enable | remove`: one client of the store. */
export async function clientOne(
  what: 'show' | 'disable' | 'enable' | 'remove',
  clientId: string,
  options: ClientOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  return withClients(options, terminal, async (clients): Promise<ExitCode> => {
    if (what === 'show') {
      const client = await clients.find(clientId)
      if (client === undefined) throw noSuchClient(clientId)
      if (terminal.json) terminal.printJson(clientJson(client))
      else terminal.print(JSON.stringify(clientJson(client), undefined, 2))
      return 0
    }
    const done =
      what === 'remove' ? await clients.remove(clientId) : await clients.setDisabled(clientId, what === 'disable')
    if (!done) throw noSuchClient(clientId)
    if (terminal.json) terminal.printJson({ client_id: clientId, [outcomes[what]]: true })
    else terminal.note(`${clientId} is ${outcomes[what]}`)
    return 0
  })
}

const outcomes = { disable: 'disabled', enable: 'enabled', remove: 'removed' } as const
