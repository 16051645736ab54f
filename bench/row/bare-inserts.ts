import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pinned, serverCore } from '../measure/pinned.ts'
import { type BenchOptions, type Contestant } from './bench-row.ts'

/** candidate/sqlite-inserts.ts: what the store alone can do, so many rows a transaction. A "request" is a row. */
export function bareInserts(options: BenchOptions, name: string, rowsPerGroup: number): Contestant {
  const { fixture, scripts, warmMilliseconds, measureMilliseconds } = options
  let runs = 0
  return {
    name,
    run: async () => {
      const script = join(scripts, 'candidate/sqlite-inserts.js')
      const database = join(fixture.folder, `${name.replace(/\W+/g, '-')}-${++runs}.db`)
      const args = [script, database, String(rowsPerGroup), String(warmMilliseconds), String(measureMilliseconds)]
      const [program = '', ...rest] = pinned([process.execPath, ...args], serverCore)
      const { stdout } = await promisify(execFile)(program, rest)
      const { rows, seconds, cpuSeconds } = JSON.parse(stdout) as {
        readonly rows: number
        readonly seconds: number
        readonly cpuSeconds: number
      }
      return {
        cpuMicrosecondsPerRequest: (cpuSeconds / rows) * 1e6,
        requestsPerSecond: rows / seconds,
        busyCores: cpuSeconds / seconds,
      }
    },
  }
}
