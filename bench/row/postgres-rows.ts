import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startPostgres, type TestPostgres } from '@holdfast/testkit'
import { type Measurement } from '../measure/measurement.ts'
import { pinned, serverCore } from '../measure/pinned.ts'
import { type BenchOptions, type BenchRow, type Contestant, shareOfRate } from './bench-row.ts'
import { holdfastServer } from './holdfast-candidates.ts'

/** Opaque tokens, each durable in PostgreSQL before it is answered. The database has both cores, as everyone else has one. */
export function tokenOpaquePostgres(options: BenchOptions): BenchRow {
  return {
    id: 'opaque-postgres',
    mayWaitFor: 'disk',
    title: 'opaque token, certificate in a header, PostgreSQL with fsync and synchronous_commit',
    contestants: [
      bareInserts(options, 'bare inserts, 16 connections', 16, 1),
      bareInserts(options, 'bare inserts by 10', 1, 10),
      {
        name: 'holdfast',
        run: () =>
          withPostgres(({ url }) =>
            holdfastServer(options, { road: 'header', accessTokenFormat: 'opaque', store: url }).run(),
          ),
      },
    ],
    targets: [
      {
        text: 'of the rows a second of bare inserts on 16 connections',
        unit: '%',
        better: 'higher',
        mustReach: 60,
        aimAt: 80,
        value: shareOfRate('bare inserts, 16 connections', 'holdfast'),
      },
    ],
  }
}

/** candidate/postgres-inserts.ts: what the database alone can do through the same driver. A "request" is a row. */
function bareInserts(options: BenchOptions, name: string, connections: number, rowsPerStatement: number): Contestant {
  const { scripts, warmMilliseconds, measureMilliseconds } = options
  return {
    name,
    run: () =>
      withPostgres(async ({ address: { host, port } }) => {
        const numbers = [port, connections, rowsPerStatement, warmMilliseconds, measureMilliseconds].map(String)
        const script = join(scripts, 'candidate/postgres-inserts.js')
        const [program = '', ...rest] = pinned([process.execPath, script, host, ...numbers], serverCore)
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
      }),
  }
}

async function withPostgres(measure: (postgres: TestPostgres) => Promise<Measurement>): Promise<Measurement> {
  const cleanUps: (() => Promise<void>)[] = []
  try {
    const postgres = await startPostgres({ after: (cleanUp) => void cleanUps.push(cleanUp) }, { fsync: 'on' })
    if (postgres === undefined) throw new Error('postgresql is not installed (Debian: apt-get install postgresql)')
    return await measure(postgres)
  } finally {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp()
  }
}
