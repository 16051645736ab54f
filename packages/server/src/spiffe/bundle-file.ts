import { readFileSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { acceptBundle } from './accept-bundle.ts'
import type { BundleSource, BundleSourceParts, LoadedBundle } from './bundle-source.ts'

/**
 * A bundle in a file that something else keeps up to date: read again whenever it was changed, at the next look. It came when
 * the file was written. What cannot be used does not take the place of what was read before.
 */
export function bundleFile(path: string, { trust, trustDomain, events }: BundleSourceParts): BundleSource {
  let loaded: LoadedBundle | undefined
  let problem: string | undefined
  let seen: string | undefined

  function failed(text: string): void {
    if (text === problem) return
    problem = text
    events.failed({ trust, trustDomain, origin: path, problem: text, kept: loaded === undefined ? 'no' : 'yes' })
  }

  function read(stats: Stats): void {
    if (!stats.isFile()) return failed('not a file')
    if (stats.size > maximumOctets) return failed(`longer than ${maximumOctets} bytes`)
    const accepted = acceptBundle(loaded?.bundle, readFileSync(path, 'utf8'))
    if (!accepted.ok) return failed(accepted.failure.problem)
    problem = undefined
    const { value: bundle } = accepted
    loaded = { bundle, fetchedAt: Math.floor(stats.mtimeMs / 1000) }
    const { anchors, sequence, ignored } = bundle
    events.loaded({ trust, trustDomain, origin: path, anchors: anchors.length, sequence, ignored })
  }

  function look(): undefined {
    try {
      const stats = statSync(path)
      const stamp = `${stats.ino} ${stats.size} ${stats.mtimeMs}`
      if (stamp === seen) return
      seen = stamp
      read(stats)
    } catch (error) {
      seen = undefined
      failed(error instanceof Error && 'code' in error ? String(error.code) : 'cannot be read')
    }
  }

  return {
    origin: path,
    get loaded() {
      return loaded
    },
    get problem() {
      return problem
    },
    look,
    load: () => {
      seen = undefined
      return look()
    },
    close: () => undefined,
  }
}

/** As for one that is fetched. */
const maximumOctets = 524_288
