import { lstatSync, mkdirSync } from 'node:fs'

/**
 * Where compiled code is kept from one start to the next: a folder of this user alone, made when it is not there, or `undefined`.
 * Whoever could write there could have his code run, so it is never one in a shared place.
 */
export function compileCacheFolder(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const user = process.getuid?.()
  const off = (environment['HOLDFAST_NO_COMPILE_CACHE'] ?? '') !== ''
  const caches = environment['XDG_CACHE_HOME'] ?? ''
  const home = environment['HOME'] ?? ''
  const base = caches.startsWith('/') ? caches : home.startsWith('/') ? `${home}/.cache` : undefined
  if (off || user === undefined || base === undefined) return undefined
  const folder = `${base}/holdfast`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const own = lstatSync(folder)
    const around = lstatSync(base)
    const ours = own.isDirectory() && own.uid === user && (own.mode & 0o077) === 0
    // Who may write around it could put another in its place.
    const stays = (around.mode & 0o022) === 0 && (around.uid === user || around.uid === 0)
    return ours && stays ? `${folder}/${process.version}` : undefined
  } catch {
    return undefined
  }
}
