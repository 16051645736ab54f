import type { AnchorSet } from '@holdfast/x509'
import type { Configuration } from '../config/configuration.ts'
import type { UnplacedProblem } from '../config/resolution.ts'
import type { MaterialWarning } from '../material/load-material.ts'
import { createCrlParser } from './create-crl-parser.ts'
import { crlFile } from './crl-file.ts'
import { crlFileProblem, crlFileWarnings } from './crl-file-findings.ts'
import { signerList } from './signer-list.ts'

/** Reads every CRL file that the configuration names, at once and in this thread; nothing is fetched. `now` in epoch seconds. */
export function checkCrlFiles(
  configuration: Configuration,
  anchors: ReadonlyMap<string, AnchorSet>,
  now: number,
): { readonly problems: readonly UnplacedProblem[]; readonly warnings: readonly MaterialWarning[] } {
  const parser = createCrlParser(Infinity)
  const problems: UnplacedProblem[] = []
  const warnings: MaterialWarning[] = []
  for (const [trust, { revocation }] of configuration.trust) {
    const set = anchors.get(trust)
    if (revocation === undefined || set === undefined) continue
    const signers = signerList()
    signers.addAll(set)
    const events = { loaded: () => undefined, failed: () => undefined }
    for (const [index, location] of revocation.crls.entries()) {
      if (location.kind !== 'file') continue
      const source = crlFile(location.path, {
        trust,
        parser,
        candidates: () => signers.all(),
        maximumOctets: revocation.maximumCrlOctets,
        events,
      })
      void source.load()
      if (source.problem !== undefined) problems.push(crlFileProblem(trust, index, source))
      warnings.push(...crlFileWarnings(trust, index, source, now - revocation.grace))
    }
  }
  return { problems, warnings }
}
