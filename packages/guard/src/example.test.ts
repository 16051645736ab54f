import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import ts from 'typescript'

test('the example in the doc comment compiles as it stands', () => {
  const source = readFileSync(join(import.meta.dirname, 'create-guard.ts'), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(source.replaceAll(/^ \* ?/gm, ''))?.[1]
  assert.ok(example?.includes('@holdfast/guard'))

  const path = join(import.meta.dirname, 'example.ts')
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    customConditions: ['holdfast-source'],
    types: ['node'],
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (name) => name === path || fileExists(name)
  host.readFile = (name) => (name === path ? example : readFile(name))
  const program = ts.createProgram([path], options, host)
  const problems = ts.getPreEmitDiagnostics(program, program.getSourceFile(path))
  assert.deepEqual(
    problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    [],
  )
})
