import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { MetadataProblem } from '@holdfast/core'
import { readDocument } from '@holdfast/server'
import { type ClientRecordFile } from '@holdfast/server/operate'
import { CommandError } from '../command-error.ts'
import type { ClientOptions } from '../program/client.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { clientJson } from './client-json.ts'
import { withClients } from './with-clients.ts'

/** `holdfast client add`: keeps the client of a record. */
export async function clientAdd(file: string, options: ClientOptions, terminal: Terminal): Promise<ExitCode> {
  const record = readRecord(file, terminal)
  const added = await withClients(options, terminal, (clients) => clients.add(record))
  if (!added.ok) throw recordError(file, added.failure)
  const { client, secret } = added.value
  if (terminal.json) {
    terminal.printJson({ ...clientJson(client), ...(secret === undefined ? {} : { client_secret: secret }) })
    return 0
  }
  terminal.print(client.clientId)
  if (secret !== undefined) {
    terminal.print(secret)
    terminal.note('the second line is the secret: it is kept as a hash, and not shown again')
  }
  return 0
}

/** `holdfast client update`: puts another record in the place of a client's. */
export async function clientUpdate(
  clientId: string,
  file: string,
  options: ClientOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const record = readRecord(file, terminal)
  const replaced = await withClients(options, terminal, (clients) => clients.replace(clientId, record))
  if (!replaced.ok) throw recordError(file, replaced.failure)
  if (terminal.json) terminal.printJson(clientJson(replaced.value))
  else terminal.note(`${clientId} is updated`)
  return 0
}

function readRecord(file: string, terminal: Terminal): ClientRecordFile {
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : resolve(terminal.folder, file), 'utf8')
  } catch (cause) {
    throw new CommandError('wrong_use', `cannot read ${file}`, { cause })
  }
  const document = readDocument(text)
  const [first] = document.problems
  if (first !== undefined) throw new CommandError('wrong_use', `${file}:${first.line ?? 1}: ${first.problem}`)
  const value = document.data
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CommandError('wrong_use', `${file} holds no client record`, {
      hint: 'one object, as an element of clients in holdfast.yaml',
    })
  }
  return value as ClientRecordFile
}

function recordError(file: string, problems: readonly MetadataProblem[]): CommandError {
  const told = problems
    .slice(0, mostShown)
    .map(
      ({ path, problem, hint }) =>
        `${file}: ${path === '' ? '' : `${path}: `}${problem}${hint === undefined ? '' : ` (${hint})`}`,
    )
  return new CommandError('no', `the record is refused\n${told.join('\n')}`)
}

const mostShown = 50
