#!/usr/bin/env node
// Plain JavaScript that any Node can parse, so that an old one is told so instead of failing on syntax.
const [major] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(
    `holdfast: needs Node 24 or later, this is ${process.versions.node}\nhint: in the repository use "npx holdfast", which finds the Node that npm installed\n`,
  )
  process.exit(2)
}
const { existsSync, lstatSync, mkdirSync } = await import('node:fs')
const { enableCompileCache, registerHooks } = await import('node:module')
const cache = compileCache(process.env)
if (cache !== undefined) enableCompileCache(cache)
const source = new URL('../src/main.ts', import.meta.url)
if (existsSync(source)) {
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, 'holdfast-source'] }),
  })
  await import(source.href)
} else {
  await import(new URL('../dist/main.js', import.meta.url).href)
}

/**
 * Where compiled code is kept from one start to the next: a folder of this user alone, or none. Whoever could write there could
 * have his code run, so it is never one in a shared place.
 */
function compileCache(environment) {
  const { HOLDFAST_NO_COMPILE_CACHE: off, XDG_CACHE_HOME: caches, HOME: home } = environment
  if (off || !process.getuid) return undefined
  const base = caches?.startsWith('/') ? caches : home?.startsWith('/') ? `${home}/.cache` : undefined
  if (base === undefined) return undefined
  const folder = `${base}/holdfast`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const { uid, mode } = lstatSync(folder)
    const ours = (mode & 0o170077) === 0o040000 && uid === process.getuid()
    return ours && !othersMayReplace(base) ? `${folder}/${process.version}` : undefined
  } catch {
    return undefined
  }
}

/** A folder that others may write to could be exchanged under us. */
function othersMayReplace(base) {
  const { uid, mode } = lstatSync(base)
  return (mode & 0o022) !== 0 || (uid !== process.getuid() && uid !== 0)
}
