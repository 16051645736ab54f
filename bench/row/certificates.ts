import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Measurement } from '../measure/measurement.ts'
import { pinned, serverCore } from '../measure/pinned.ts'
import { type BenchOptions, type BenchRow, type Contestant, figure } from './bench-row.ts'

/** What a certificate costs beyond the signature checks that nobody can avoid: all within one process for each round. */
export function certificates({ measureMilliseconds }: BenchOptions): BenchRow {
  const rounds = measureMilliseconds < quickMilliseconds ? 5 : 25
  const ratio =
    (of: string, to: string) =>
    (medians: ReadonlyMap<string, Measurement>): number =>
      figure(medians, of, 'callMicroseconds') / figure(medians, to, 'callMicroseconds')
  return {
    id: 'certificates',
    title: 'certificates: path validation and CRLs, beside the signature checks alone',
    contestants: fromOneProcess(() => measured(rounds)),
    targets: [
      {
        text: 'two checks: a new leaf below a known intermediate',
        unit: '×',
        better: 'lower',
        mustReach: 1.25,
        aimAt: 1.2,
        value: ratio(names.intermediateKnown, names.twoChecks),
      },
      {
        text: 'one check: a new leaf below an issuing CA that was verified before',
        unit: '×',
        better: 'lower',
        mustReach: 1.4,
        aimAt: 1.3,
        value: ratio(names.issuerVerified, names.oneCheck),
      },
      {
        text: 'for a leaf seen before, thumbprint included',
        unit: 'µs',
        better: 'lower',
        mustReach: 5,
        aimAt: 3,
        value: (medians) => figure(medians, names.resultKept, 'callMicroseconds'),
      },
      {
        text: 'for a hostile chain',
        unit: 'ms',
        better: 'lower',
        mustReach: 25,
        aimAt: 15,
        value: (medians) => figure(medians, names.hostileChain, 'callMicroseconds') / 1000,
      },
      {
        text: 'for a CRL of 100,000 entries, in its thread',
        unit: 'ms',
        better: 'lower',
        mustReach: 30,
        aimAt: 20,
        value: (medians) => figure(medians, names.crl, 'callMicroseconds') / 1000,
      },
      {
        text: 'kept of that CRL',
        unit: 'MB',
        better: 'lower',
        mustReach: 2,
        value: (medians) => figure(medians, names.crlKept, 'keptBytes') / 1e6,
      },
      {
        text: 'for a look-up in it',
        unit: 'µs',
        better: 'lower',
        mustReach: 1,
        value: (medians) => figure(medians, names.crlLookUp, 'callMicroseconds'),
      },
    ],
  }
}

/** As the measured script calls them. */
const names = {
  oneCheck: 'one crypto.verify',
  twoChecks: 'two crypto.verify',
  intermediateKnown: 'parse leaf, validate, intermediate known',
  issuerVerified: 'parse leaf, validate, issuing CA verified',
  nothingKnown: 'parse leaf and intermediate, validate, anchor known',
  resultKept: 'thumbprint and result kept',
  hostileChain: 'hostile chain of 100 CAs of one name',
  crl: 'CRL of 100,000 entries, read, verified and indexed',
  crlKept: 'CRL of 100,000 entries, bytes kept',
  crlLookUp: 'CRL of 100,000 entries, a look-up',
} as const

/** Contestants whose figures of one round come out of one process. */
function fromOneProcess(start: () => Promise<ReadonlyMap<string, Measurement>>): readonly Contestant[] {
  const processes: Promise<ReadonlyMap<string, Measurement>>[] = []
  return Object.values(names).map((name) => {
    let round = 0
    return {
      name,
      run: async () => {
        const figures = await (processes[round++] ??= start())
        const found = figures.get(name)
        if (found === undefined) throw new Error(`the script does not tell of ${name}`)
        return found
      },
    }
  })
}

async function measured(rounds: number): Promise<ReadonlyMap<string, Measurement>> {
  const flags = ['--conditions=holdfast-source', script, '--json', '--rounds', String(rounds)]
  const [program = '', ...args] = pinned([process.execPath, ...flags], serverCore)
  const { stdout } = await promisify(execFile)(program, args)
  const told = Object.entries(JSON.parse(stdout) as Readonly<Record<string, number>>)
  return new Map(
    told.map(([name, value]) => [name, name === names.crlKept ? { keptBytes: value } : { callMicroseconds: value }]),
  )
}

const script = join(import.meta.dirname, '../../packages/x509/bench/path.bench.ts')

/** A quick run measures for one second. */
const quickMilliseconds = 2_000
