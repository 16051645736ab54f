import { bothCores } from '../measure/pinned.ts'
import { type BenchOptions, type BenchRow, rateRatio } from './bench-row.ts'
import { holdfastServer } from './holdfast-candidates.ts'
import { type LoadChanges, limitTokenServer } from './token-candidates.ts'

/** Twice the processes, and the load on the same two cores: how much more comes out. Requests a second count here. */
export function twoProcesses(options: BenchOptions): BenchRow {
  const road = 'header'
  const one: LoadChanges = { plan: { connections } }
  // Three busy processes share two cores here: a load that never sleeps would take a third of them for nothing.
  const two: LoadChanges = { plan: { connections, polling: 'sleep' }, cores: bothCores, loadCores: bothCores }
  return {
    id: 'two-processes',
    title: 'token, certificate in a header, ES256: one process and two, 64 connections',
    contestants: [
      limitTokenServer(options, { name: 'limit one', road, load: one }),
      limitTokenServer(options, { name: 'limit two', road, load: two, processes: 2 }),
      holdfastServer(options, { name: 'holdfast one', road, load: one }),
      holdfastServer(options, { name: 'holdfast two', road, load: two, processes: 2 }),
    ],
    targets: [
      {
        text: 'one process, by requests a second',
        unit: '×',
        better: 'higher',
        mustReach: 1.6,
        aimAt: 1.9,
        value: rateRatio('holdfast two', 'holdfast one'),
      },
      { text: 'the same of the limit', unit: '×', better: 'higher', value: rateRatio('limit two', 'limit one') },
    ],
  }
}

const connections = 64
