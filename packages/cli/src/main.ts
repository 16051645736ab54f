import { enableCompileCache } from 'node:module'
import { compileCacheFolder } from './compile-cache-folder.ts'
import type { TerminalHost } from './terminal.ts'

const compiled = compileCacheFolder(process.env)
if (compiled !== undefined) enableCompileCache(compiled)
// Everything that is to be kept is loaded from here on.
const { complainAbout, run } = await import('./run.ts')
const { createTerminal } = await import('./terminal.ts')

const host: TerminalHost = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  folder: process.cwd(),
}

for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has gone (`holdfast … | head`): there is nobody left to tell.
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
process.on('uncaughtException', (error) => {
  process.exit(complainAbout(error, createTerminal(host, { json: false, quiet: false })))
})

process.exitCode = await run(process.argv.slice(2), host)
