import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Measurement } from '../measure/measurement.ts'
import { loadCore, pinned, serverCore, canPin } from '../measure/pinned.ts'
import { type BenchRow, type Contestant, cpuRatio } from './bench-row.ts'

/** `holdfast edge` beside nginx, both as a reverse proxy that asks for a certificate and hands it on as escaped PEM. */
export function edge(): BenchRow {
  return {
    id: 'edge',
    title: 'edge as a reverse proxy, TLS 1.3, client certificate, beside nginx',
    contestants: (['handshake', 'kept'] as const).flatMap((work) => [
      contestant('nginx', work),
      contestant('edge', work),
    ]),
    targets: [
      {
        text: 'CPU for a new connection with a certificate and one request, beside nginx',
        unit: '×',
        better: 'lower',
        mustReach: 1.25,
        aimAt: 1,
        value: cpuRatio('edge, handshake', 'nginx, handshake'),
      },
      {
        text: 'CPU for a request on a kept connection, beside nginx',
        unit: '×',
        better: 'lower',
        mustReach: 2.2,
        aimAt: 1.6,
        value: cpuRatio('edge, kept', 'nginx, kept'),
      },
    ],
  }
}

function contestant(name: 'nginx' | 'edge', work: 'handshake' | 'kept'): Contestant {
  return {
    name: `${name}, ${work}`,
    run: async () => {
      const own = ['--conditions=holdfast-source', script, name, work, ...(canPin() ? [serverCore] : [])]
      const [command = process.execPath, ...args] = pinned([process.execPath, ...own], loadCore)
      const { stdout } = await promisify(execFile)(command, args, { timeout: 120_000 })
      return JSON.parse(stdout) as Measurement
    },
  }
}

const script = join(import.meta.dirname, '../../packages/edge/bench/front-cost.ts')
