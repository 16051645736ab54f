/**
 * The one gate: `npm run ok`. Stops at the first red. `npm run check` is the same without the tests, but for the packaging.
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const steps: readonly (readonly [name: string, command: string])[] = [
  ['format', 'prettier --check --log-level warn .'],
  ['types', 'tsc -b'],
  ['lint', 'eslint --cache --cache-location .cache/eslint .'],
  ['architecture', 'depcruise --config .dependency-cruiser.cjs --output-type err packages'],
  ['dead code', 'knip'],
  ['ledger', 'node scripts/check-ledger.ts'],
  ['attacks', 'node scripts/check-attacks.ts'],
  ['docs', 'node scripts/check-docs.ts'],
  ['public surface', 'node scripts/api-report.ts'],
]
const all = process.argv.includes('--no-tests')
  ? [...steps, ['packaging', 'node scripts/check-packages.ts'] as const]
  : [...steps, ['tests', 'node scripts/test.ts'] as const]
for (const [name, command] of all) {
  const start = performance.now()
  process.stderr.write(`${name.padEnd(16)}`)
  const last = name === 'tests'
  if (last) process.stderr.write('\n')
  const run = spawnSync(command, {
    cwd: root,
    shell: true,
    encoding: 'utf8',
    stdio: last ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  })
  if (run.status !== 0) {
    if (!last) process.stderr.write(`not ok\n${run.stdout}${run.stderr}`)
    process.stderr.write(`gate: "${command}" failed\n`)
    process.exit(1)
  }
  if (!last) process.stderr.write(`ok  ${((performance.now() - start) / 1000).toFixed(1)} s\n`)
}
