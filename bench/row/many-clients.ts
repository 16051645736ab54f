import { type BenchOptions, type BenchRow, type Contestant, figure } from './bench-row.ts'
import { holdfastServer } from './holdfast-candidates.ts'
import { type PeopleFlow } from './people-load.ts'
import { holdfastWithPerson } from './people-rows.ts'

/** The row `token` once more, with a thousand times as many clients registered as there are that ask. */
export function manyClients(options: BenchOptions): BenchRow {
  return row(options, {
    id: 'many-clients',
    title: 'token, certificate in a header, ES256: cost as clients grow',
    contestant: (name, moreClients) => holdfastServer(options, { name, road: 'header', moreClients }),
  })
}

/** The rows `code-flow` and `refresh` once more, likewise. */
export function manyClientsOfPeople(options: BenchOptions, flow: PeopleFlow): BenchRow {
  return {
    ...row(options, {
      id: `many-clients-${flow}`,
      title: `${flow === 'code' ? 'code flow' : 'refresh'}, certificate in a header: cost as clients grow`,
      contestant: (name, moreClients) => holdfastWithPerson(options, flow, { name, moreClients }),
    }),
    mayWaitFor: 'disk',
  }
}

function row(
  { fixture }: BenchOptions,
  {
    contestant,
    ...names
  }: Pick<BenchRow, 'id' | 'title'> & {
    readonly contestant: (name: string, moreClients: number) => Contestant
  },
): BenchRow {
  const few = fixture.clients.length
  const [nameOfFew, nameOfMany] = [`${few} clients`, `${many} clients`]
  return {
    ...names,
    contestants: [contestant(nameOfFew, 0), contestant(nameOfMany, many - few)],
    targets: [
      {
        text: `more CPU with ${many} clients than with ${few}`,
        unit: '%',
        better: 'lower',
        mustReach: 10,
        aimAt: 3,
        value: (medians) =>
          (figure(medians, nameOfMany, 'cpuMicrosecondsPerRequest') /
            figure(medians, nameOfFew, 'cpuMicrosecondsPerRequest') -
            1) *
          100,
      },
      {
        text: `more memory under load with ${many} clients`,
        unit: 'MB',
        better: 'lower',
        value: (medians) =>
          (figure(medians, nameOfMany, 'loadedBytes') - figure(medians, nameOfFew, 'loadedBytes')) / 1e6,
      },
    ],
  }
}

const many = 100_000
