import { readFileSync } from 'node:fs'
import type { Configuration } from '../config/configuration.ts'
import type { UnplacedProblem } from '../config/resolution.ts'
import { bundleFile } from './bundle-file.ts'
import { bundleProblem } from './bundle-problem.ts'

/** Reads every bundle file that the configuration names, and the CAs of the others; nothing is fetched. */
export function checkBundleFiles(configuration: Configuration): readonly UnplacedProblem[] {
  return [...configuration.trust].flatMap(([trust, { spiffe }]) => {
    if (spiffe === undefined) return []
    const { bundle, ca } = spiffe
    if (bundle.kind === 'file') {
      const events = { loaded: () => undefined, failed: () => undefined }
      const source = bundleFile(bundle.path, { trust, trustDomain: spiffe.trustDomain, now: () => 0, events })
      void source.load()
      return source.loaded === undefined
        ? [bundleProblem(trust, 'bundle', `${bundle.path}: ${source.problem ?? 'cannot be used'}`)]
        : []
    }
    return ca === undefined || isReadable(ca) ? [] : [bundleProblem(trust, 'ca', `${ca}: cannot be read`)]
  })
}

function isReadable(path: string): boolean {
  try {
    readFileSync(path)
    return true
  } catch {
    return false
  }
}
