/**
 * `npm test`: every test that this machine can run, on the sources, without a build. Says what it skips and why.
 *
 *   npm test                      everything
 *   npm test -- packages/edge     only what lies below a path
 *
 * HOLDFAST_TEST_SETUP=1 installs the real programs first and makes a missing one a failure.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installMissingParts, missingParts } from './real-parts.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const only = process.argv.slice(2).map((path) => resolve(path))

if (process.env['HOLDFAST_TEST_SETUP'] === '1') installMissingParts()
else
  for (const part of missingParts())
    process.stderr.write(`skipped: tests that need ${part.name} (Debian: apt-get install ${part.packages.join(' ')})\n`)

const files = globSync(patterns(), {
  cwd: root,
  exclude: (path) => path.endsWith('node_modules') || path.endsWith('dist'),
})
  .map((path) => resolve(root, path))
  .filter((path) => only.length === 0 || only.some((prefix) => path.startsWith(prefix)))
  .sort()
if (files.length === 0) {
  process.stderr.write('holdfast: no test file there\n')
  process.exit(2)
}
const run = spawnSync(
  process.execPath,
  [
    '--conditions=holdfast-source',
    '--test',
    '--test-reporter=spec',
    '--test-concurrency=2',
    '--test-timeout=240000',
    ...files,
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` } },
)
process.exit(run.status ?? 1)

function patterns(): string[] {
  return [
    'packages/*/src/**/*.test.ts',
    'packages/*/conformance/**/*.test.ts',
    'conformance/**/*.test.ts',
    'scripts/*.test.ts',
    'bench/*.test.ts',
  ]
}
