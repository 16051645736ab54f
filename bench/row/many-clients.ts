import { type BenchOptions, type BenchRow, figure } from './bench-row.ts'
import { holdfastServer } from './holdfast-candidates.ts'

/** The row `token` once more, with a thousand times as many clients registered as there are that ask. */
export function manyClients(options: BenchOptions): BenchRow {
  const few = options.fixture.clients.length
  const names = { few: `${few} clients`, many: `${many} clients` }
  return {
    id: 'many-clients',
    title: 'token, certificate in a header, ES256: cost as clients grow',
    contestants: [
      holdfastServer(options, { name: names.few, road: 'header' }),
      holdfastServer(options, { name: names.many, road: 'header', moreClients: many - few }),
    ],
    targets: [
      {
        text: `more CPU with ${many} clients than with ${few}`,
        unit: '%',
        better: 'lower',
        mustReach: 10,
        aimAt: 3,
        value: (medians) =>
          (figure(medians, names.many, 'cpuMicrosecondsPerRequest') /
            figure(medians, names.few, 'cpuMicrosecondsPerRequest') -
            1) *
          100,
      },
    ],
  }
}

const many = 100_000
