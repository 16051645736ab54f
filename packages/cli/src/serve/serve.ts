import { ConfigurationError, type RunningServer, startServer } from '@holdfast/server'
import { problemsText } from '../check/problem-text.ts'
import { CommandError } from '../command-error.ts'
import { configurationError, readConfiguration } from '../config/read-configuration.ts'
import { untilStopped } from '../deployment/until-stopped.ts'
import type { ServeOptions } from '../program/serve.ts'
import type { ExitCode, Terminal } from '../terminal.ts'

/** `holdfast serve`: runs the server until it is stopped; SIGHUP reads the configuration anew. */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<ExitCode> {
  const configuration = readConfiguration(options.config, terminal)
  const stopped = untilStopped()
  const server = await started(() => startServer(configuration), options.config)
  const reload = (): void => void reloaded(server, options.config, terminal)
  process.on('SIGHUP', reload)
  try {
    if (terminal.json)
      terminal.printJson({
        issuer: server.issuer,
        listening: server.addresses,
        management: server.management,
        pid: process.pid,
      })
    terminal.note(`holdfast: ${server.issuer}, listening on ${server.addresses.join(', ')}`)
    if (server.management !== undefined) terminal.note(`holdfast: management on ${server.management}`)
    await stopped
    terminal.note('holdfast: stopping')
    return 0
  } finally {
    process.removeListener('SIGHUP', reload)
    await server.close()
  }
}

/** What keeps a server from starting, as an answer to the person who starts it. */
export async function started<T>(start: () => T | Promise<T>, file: string): Promise<T> {
  try {
    return await start()
  } catch (error) {
    if (error instanceof ConfigurationError) throw configurationError(error.problems, file)
    const { code, address, port, path, message } = error as NodeJS.ErrnoException & {
      readonly address?: string
      readonly port?: number
    }
    const place = address === undefined ? (path ?? 'an address') : port === undefined ? address : `${address}:${port}`
    if (code === 'EADDRINUSE')
      throw new CommandError('unknown', `${place} is taken`, { cause: error, hint: 'is a server running already?' })
    if (code === 'EACCES' && address !== undefined)
      throw new CommandError('unknown', `${place} may not be listened on`, {
        cause: error,
        hint: 'ports below 1024 need the capability CAP_NET_BIND_SERVICE, or a proxy in front',
      })
    const why = address === undefined && code !== undefined ? unopened[code] : undefined
    if (path !== undefined && why !== undefined)
      throw new CommandError('unknown', `${path} cannot be opened: ${why}`, { cause: error })
    throw code === undefined ? error : new CommandError('unknown', message, { cause: error })
  }
}

const unopened: { readonly [code: string]: string } = {
  ENOENT: 'its folder is not there',
  ENOTDIR: 'its folder is a file',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be written',
  EROFS: 'it may not be written',
}

async function reloaded(server: RunningServer, file: string, terminal: Terminal): Promise<void> {
  const outcome = await server.reload()
  if (outcome.ok) terminal.note('holdfast: configuration read anew')
  else
    terminal.complain(
      `the configuration was not taken over, all goes on as before\n${problemsText(outcome.failure, file).join('\n')}`,
    )
}
