import type { EvidenceSource } from '@holdfast/core'
import { instantText } from '../cert/instant.ts'

/** Where revocation information was looked for, and what was there; begins with a semicolon when it says anything. */
export function sourcesText(sources: readonly EvidenceSource[]): string {
  return sources.map((source) => `; ${sourceText(source)}`).join('')
}

function sourceText({ origin, problem, issuer, thisUpdate, nextUpdate }: EvidenceSource): string {
  const facts = [
    ...(issuer === undefined ? [] : [`of ${issuer}`]),
    ...(thisUpdate === undefined ? [] : [`from ${instantText(thisUpdate)}`]),
    ...(nextUpdate === undefined ? [] : [`until ${instantText(nextUpdate)}`]),
    ...(problem === undefined ? [] : [problem]),
  ]
  return facts.length === 0 ? origin : `${origin}: ${facts.join(', ')}`
}
