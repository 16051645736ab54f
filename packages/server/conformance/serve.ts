/** The process that `server-process.ts` starts: serves the configuration named on the command line until it is told to stop. */
import { loadConfiguration, startServer } from '@holdfast/server'

const loaded = loadConfiguration({ file: process.argv[2] ?? '', environment: process.env })
if (!loaded.ok) throw new Error(JSON.stringify(loaded.failure.problems))
const server = await startServer(loaded.value)
process.stdout.write(`${server.addresses[0] ?? ''}\n`)
process.on('SIGHUP', () => void server.reload())
process.on('SIGTERM', () => void server.close())
