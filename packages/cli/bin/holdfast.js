#!/usr/bin/env node
// Plain JavaScript that any Node can parse, so that an old one is told so instead of failing on syntax.
const [major] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(
    `holdfast: needs Node 24 or later, this is ${process.versions.node}\nhint: in the repository use "npx holdfast", which finds the Node that npm installed\n`,
  )
  process.exit(2)
}
const { existsSync } = await import('node:fs')
const { registerHooks } = await import('node:module')
const source = new URL('../src/main.ts', import.meta.url)
if (existsSync(source)) {
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, 'holdfast-source'] }),
  })
  await import(source.href)
} else {
  await import(new URL('../dist/bundle/main.js', import.meta.url).href)
}
