import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type PostgresConfiguration } from '@holdfast/server'
import { backupStore } from '@holdfast/server/operate'
import { CommandError } from '../command-error.ts'
import { readConfiguration } from '../config/read-configuration.ts'
import type { BackupOptions } from '../program/backup.ts'
import type { ExitCode, Terminal } from '../terminal.ts'

/** `holdfast backup FILE`: a copy of the store of one moment. */
export async function backup(file: string, options: BackupOptions, terminal: Terminal): Promise<ExitCode> {
  const { store } = readConfiguration(options.config, terminal)
  const path = resolve(terminal.folder, file)
  if (store.kind === 'postgres')
    throw new CommandError('wrong_use', 'a store on PostgreSQL is copied by its own tool', {
      hint: pgDump(store.postgres, file),
    })
  if (store.path === ':memory:') throw new CommandError('wrong_use', 'the store dies with the process: nothing to copy')
  if (!existsSync(store.path)) throw new CommandError('no', `there is no store yet at ${store.path}`)
  if (existsSync(path)) throw new CommandError('wrong_use', `${file} is there already`, { hint: 'name a new file' })
  try {
    const { schema, bytes } = await backupStore(store.path, path)
    if (terminal.json) terminal.printJson({ file: path, schema, bytes })
    else terminal.print(`${file}: ${bytes} bytes, schema ${schema}`)
    return 0
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('unknown', `the store could not be copied: ${message}`, { cause })
  }
}

function pgDump({ host, port, user, database, schema, tls }: PostgresConfiguration, file: string): string {
  const server = [
    `--host=${quoted(host)}`,
    `--port=${port}`,
    `--username=${quoted(user)}`,
    `--dbname=${quoted(database)}`,
  ]
  const only = schema === undefined ? [] : [`--schema=${schema}`]
  const encrypted = tls === undefined ? [] : ['PGSSLMODE=verify-full']
  return [...encrypted, 'pg_dump --format=custom', ...server, ...only, `--file=${quoted(file)}`].join(' ')
}

/** As a POSIX shell takes it for one word. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
