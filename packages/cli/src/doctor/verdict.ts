import type { Cause } from './cause.ts'
import type { Evidence } from './evidence.ts'
import type { TerminatorName } from './recognise-terminator.ts'

/** Something that a check found. */
export interface Found {
  readonly cause: Cause
  /** `fault`: the promise of mutual TLS is broken; `warning`: it holds, but by luck or for some only; `note`: good to know. */
  readonly severity: 'fault' | 'warning' | 'note'
  /** What was seen, in one sentence without a full stop. */
  readonly what: string
}

/** What a check says of the evidence. */
export type Verdict =
  | { readonly outcome: 'good'; readonly said: string; readonly notes?: readonly Found[] }
  | { readonly outcome: 'found'; readonly findings: readonly Found[] }
  /** It could not be seen. */
  | { readonly outcome: 'unknown'; readonly because: string }
  /** It means nothing here, or was not asked for. */
  | { readonly outcome: 'skipped'; readonly because: string }

/** A pure function of what was seen. */
export interface Check {
  readonly number: number
  readonly title: string
  readonly decide: (evidence: Evidence, terminator: TerminatorName) => Verdict
}

export function good(said: string, notes: readonly Found[] = []): Verdict {
  return notes.length === 0 ? { outcome: 'good', said } : { outcome: 'good', said, notes }
}

/** `good` where nothing was found. */
export function found(findings: readonly Found[], otherwise: string): Verdict {
  return findings.length === 0 ? good(otherwise) : { outcome: 'found', findings }
}

export function unknown(because: string): Verdict {
  return { outcome: 'unknown', because }
}

export function skipped(because: string): Verdict {
  return { outcome: 'skipped', because }
}

/** Where nothing was seen of a certificate host: because there is none, or because nobody is there. */
export function nothingSeen({ deployment }: Pick<Evidence, 'deployment'>): Verdict {
  return deployment.mtls === undefined || deployment.style === 'path'
    ? skipped('there is no certificate host')
    : unknown('the certificate host cannot be reached')
}

export const noToken = 'only the server sees it: --token-file'
