/**
 * Makes the published form of the command line: the sources of all packages in a few files, since a start is mostly the finding
 * and reading of files. What is loaded on demand stays apart. docs/decisions/0018 has the figures.
 */
import { readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, resolve } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'

const packages = resolve(import.meta.dirname, '../packages')
const cli = join(packages, 'cli')
const folder = join(cli, 'dist/bundle')
const { dependencies } = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8')) as {
  dependencies: Readonly<Record<string, string>>
}
/** Files that other threads and processes begin with: found beside the file that starts them. */
const entries = {
  main: join(cli, 'src/main.ts'),
  'crl-thread': join(packages, 'server/src/revocation/crl-thread.ts'),
  'load-apart-process': join(packages, 'server/src/config/load-apart-process.ts'),
  'worker-process': join(packages, 'server/src/workers/worker-process.ts'),
}
/** What every `holdfast serve` loads, some of it on demand: one file. */
const roots = [
  'cli/src/run.ts',
  'cli/src/program/serve.ts',
  'cli/src/serve/serve.ts',
  'server/src/serve-in-process.ts',
  'server/src/store/sqlite/open-sqlite-store.ts',
].map((file) => join(packages, file))
const always = new Set<string>()
const findAlways: Plugin = {
  name: 'find-always',
  buildEnd() {
    const walk = (file: string): void => {
      const module = this.getModuleInfo(file)
      if (module === null || module.code === null || always.has(file)) return
      always.add(file)
      for (const imported of module.importedIds) walk(imported)
    }
    for (const root of roots) {
      if (this.getModuleInfo(root) === null) throw new Error(`${root} is not loaded by anything`)
      walk(root)
    }
  },
}
const bundle = await rolldown({
  input: entries,
  plugins: [findAlways],
  platform: 'node',
  resolve: { conditionNames: ['holdfast-source', 'import', 'node'] },
  external: (id) => !/^[./]/.test(id) && (!id.startsWith('@holdfast/') || id in dependencies),
  checks: { ineffectiveDynamicImport: false },
})
rmSync(folder, { recursive: true, force: true })
const { output } = await bundle.write({
  dir: folder,
  format: 'es',
  chunkFileNames: '[name]-[hash].js',
  codeSplitting: { groups: [{ name: 'serve', test: (file) => always.has(file) }] },
})
const imported = new Set(
  output.flatMap((file) => (file.type === 'chunk' ? [...file.imports, ...file.dynamicImports] : [])),
)
const outside = [...imported].filter((name) => !name.endsWith('.js') && !isBuiltin(name)).map(packageOf)
const declared = Object.keys(dependencies)
const wrong = [
  ...outside.filter((name) => !declared.includes(name)).map((name) => `${name} is imported and not declared`),
  ...declared.filter((name) => !outside.includes(name)).map((name) => `${name} is declared and not imported`),
]
if (wrong.length > 0) throw new Error(`packages/cli/package.json, dependencies: ${wrong.join('; ')}`)

function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/')
}
