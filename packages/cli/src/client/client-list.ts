import type { StoredClient } from '@holdfast/core'
import { CommandError } from '../command-error.ts'
import type { ClientListOptions } from '../program/client.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { clientJson } from './client-json.ts'
import { withClients } from './with-clients.ts'

/** `holdfast client list`: one line for each client in the store, in the order of their ids. */
export async function clientList(options: ClientListOptions, terminal: Terminal): Promise<ExitCode> {
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1 || limit > mostListed) {
    throw new CommandError('wrong_use', `--limit is not a number from 1 to ${mostListed}`)
  }
  const found = await withClients(options, terminal, (clients) => clients.list(options.after, limit))
  if (terminal.json) terminal.printJson(found.map(clientJson))
  else if (found.length === 0) terminal.note('no client in the store')
  else {
    const width = Math.max(...found.map(({ clientId }) => clientId.length))
    for (const client of found) terminal.print(`${client.clientId.padEnd(width)}  ${line(client)}`)
    const last = found.at(-1)
    if (found.length === limit && last !== undefined) {
      terminal.note(`perhaps more: holdfast client list --after ${last.clientId}`)
    }
  }
  return 0
}

function line({ metadata, disabled }: StoredClient): string {
  const { token_endpoint_auth_method: method, client_name: name, scope } = metadata
  const parts = [disabled ? 'disabled' : undefined, text(method) ?? 'client_secret_basic', text(scope), text(name)]
  return parts.filter((part) => part !== undefined && part !== '').join(', ')
}

/** Somebody else wrote it: nothing of it may move the cursor. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, longestShown) : undefined
}

const longestShown = 80
const mostListed = 10_000
