import { bothCores } from '../measure/pinned.ts'
import { type BenchOptions, type BenchRow, figure } from './bench-row.ts'
import { holdfastServer } from './holdfast-candidates.ts'
import { requestToken } from './probe.ts'
import { type LoadChanges, limitTokenServer, oidcProviderServer } from './token-candidates.ts'

/** From spawn to the first token, on an empty database and with keys yet to be made; then resident memory at rest and under load. */
export function startAndMemory(options: BenchOptions): BenchRow {
  const road = 'header'
  const client = options.fixture.clients[0]
  if (client === undefined) throw new Error('the fixture has clients')
  const loadAfter = (headers: Readonly<Record<string, string>>): LoadChanges => ({
    cores: bothCores,
    firstAnswer: async (address) => {
      const { status, body } = await requestToken(address, client.clientId, client, undefined, headers)
      if (status !== 200) throw new Error(`the first token was refused: ${status} ${body}`)
    },
  })
  return {
    id: 'start',
    title: 'start to first token, memory',
    contestants: [
      limitTokenServer(options, { name: 'limit', road, load: loadAfter({}) }),
      holdfastServer(options, { road, load: loadAfter({}) }),
      oidcProviderServer(options, { name: 'oidc-provider by SAN', road, variant: 'san', load: loadAfter(verdict) }),
    ],
    targets: [
      {
        text: 'start to first token',
        unit: 'ms',
        better: 'lower',
        mustReach: 200,
        aimAt: 120,
        value: (medians) => figure(medians, 'holdfast', 'startMilliseconds'),
      },
      {
        text: 'resident when idle',
        unit: 'MB',
        better: 'lower',
        mustReach: 110,
        aimAt: 80,
        value: (medians) => figure(medians, 'holdfast', 'idleBytes') / 1e6,
      },
      {
        text: 'resident under load',
        unit: 'MB',
        better: 'lower',
        mustReach: 160,
        aimAt: 120,
        value: (medians) => figure(medians, 'holdfast', 'loadedBytes') / 1e6,
      },
    ],
  }
}

const verdict = { 'X-SSL-Client-Verify': 'SUCCESS' }
