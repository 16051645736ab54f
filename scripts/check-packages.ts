/**
 * Packs every published package, checks the tarballs (publint, are-the-types-wrong), installs them together in a folder outside the
 * workspace and uses each one there. What works only inside the workspace is found here and nowhere else.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const published = ['x509', 'core', 'edge', 'ui', 'server', 'guard', 'client', 'proxy-config', 'cli']
const folder = mkdtempSync(join(tmpdir(), 'holdfast-packages-'))
const problems: string[] = []
try {
  const tarballs = published.map(pack)
  for (const tarball of tarballs) {
    inspect('publint', ['run', '--strict', tarball])
    inspect('attw', ['--profile', 'esm-only', '--quiet', tarball])
  }
  use(tarballs)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const problem of problems) process.stderr.write(`packaging: ${problem}\n`)
process.exit(problems.length === 0 ? 0 : 1)

function pack(name: string): string {
  const answer = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: join(root, 'packages', name),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [packed] = Object.values(JSON.parse(answer) as Record<string, { filename: string; files: { path: string }[] }>)
  if (packed === undefined) throw new Error(`npm pack said nothing about ${name}`)
  for (const { path } of packed.files)
    if (/\.test\.|(^|\/)src\/|tsbuildinfo/.test(path)) problems.push(`${name}: the tarball has ${path}`)
  return join(folder, packed.filename)
}

function inspect(tool: string, args: readonly string[]): void {
  const run = spawnSync(tool, args, { cwd: root, encoding: 'utf8' })
  if (run.status !== 0) problems.push(`${tool} ${args.at(-1) ?? ''}\n${run.stdout}${run.stderr}`)
}

function use(tarballs: readonly string[]): void {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }))
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', ...tarballs], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const names = published.filter((name) => name !== 'cli').flatMap(entries)
  writeFileSync(
    join(folder, 'use.js'),
    names
      .map(
        (name, at) =>
          `import * as m${at} from '${name}'\nif (Object.keys(m${at}).length === 0) throw new Error('${name} exports nothing')`,
      )
      .join('\n'),
  )
  for (const command of [
    [process.execPath, 'use.js'],
    [process.execPath, 'node_modules/.bin/holdfast', '--version'],
    [process.execPath, 'node_modules/.bin/holdfast', 'demo', '--once', '--port', '0'],
  ]) {
    const run = spawnSync(command[0] ?? '', command.slice(1), { cwd: folder, encoding: 'utf8', timeout: 60_000 })
    if (run.status !== 0)
      problems.push(`${command.slice(1).join(' ')}, installed from tarballs:\n${run.stdout}${run.stderr}`)
  }
}

function entries(name: string): string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as {
    name: string
    exports: Record<string, unknown>
  }
  return Object.keys(manifest.exports)
    .filter((entry) => !entry.endsWith('.json'))
    .map((entry) => manifest.name + entry.slice(1))
}
