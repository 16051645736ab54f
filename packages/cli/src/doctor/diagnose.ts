import { type Cause, whyItMatters } from './cause.ts'
import { checks } from './checks.ts'
import type { Evidence } from './evidence.ts'
import { mendOf } from './mend.ts'
import type { Mend } from './mend-text.ts'
import { recogniseTerminator, type TerminatorName } from './recognise-terminator.ts'
import { type Found, unknown } from './verdict.ts'

/** A finding with everything that a person needs to know of it. */
export interface Finding {
  readonly check: number
  readonly cause: Cause
  readonly severity: Found['severity']
  readonly what: string
  readonly why: string
  readonly mend: Mend
}

export interface CheckResult {
  readonly number: number
  readonly title: string
  readonly outcome: 'good' | 'found' | 'unknown' | 'skipped'
  /** What was seen, or why it was not. */
  readonly said: string
}

/** What the doctor says of a deployment. */
export interface Diagnosis {
  readonly issuer: string
  readonly mtls: string | undefined
  readonly terminator: TerminatorName
  readonly checks: readonly CheckResult[]
  /** Faults before warnings before notes. */
  readonly findings: readonly Finding[]
  /** Good only if every check that was asked for was seen to be good. */
  readonly outcome: 'good' | 'findings' | 'unknown'
}

/** Runs the checks on what was seen. */
export function diagnose(evidence: Evidence, told: TerminatorName | undefined): Diagnosis {
  const terminator = told ?? recogniseTerminator(evidence)
  const findings: Finding[] = []
  const results = checks.map(({ number, title, decide }): CheckResult => {
    const verdict =
      evidence.metadata === 'read' || withoutMetadata.has(number)
        ? decide(evidence, terminator)
        : unknown('the metadata could not be read')
    const found =
      verdict.outcome === 'found' ? verdict.findings : verdict.outcome === 'good' ? (verdict.notes ?? []) : []
    const judged = found.map((one) => finding(one, number, terminator))
    findings.push(...judged)
    const real = judged.filter(({ severity }) => severity !== 'note')
    switch (verdict.outcome) {
      case 'good':
        return { number, title, outcome: 'good', said: verdict.said }
      case 'found':
        return real.length > 0
          ? { number, title, outcome: 'found', said: real.map(({ what }) => what).join('; ') }
          : { number, title, outcome: 'good', said: 'as far as it can be there, see the note' }
      case 'unknown':
      case 'skipped':
        return { number, title, outcome: verdict.outcome, said: verdict.because }
    }
  })
  return {
    issuer: evidence.deployment.issuer,
    mtls: evidence.deployment.mtls?.authority,
    terminator,
    checks: results,
    findings: findings.toSorted((a, b) => rank[a.severity] - rank[b.severity] || a.check - b.check),
    outcome: findings.some(({ severity }) => severity !== 'note')
      ? 'findings'
      : results.some(({ outcome }) => outcome === 'unknown')
        ? 'unknown'
        : 'good',
  }
}

/** What cannot be mended on a terminator is a note: nobody can act upon it. */
function finding({ cause, severity, what }: Found, check: number, terminator: TerminatorName): Finding {
  const mend = mendOf(cause, terminator)
  return {
    check,
    cause,
    severity: mend.kind === 'unavoidable' ? 'note' : severity,
    what,
    why: whyItMatters[cause],
    mend,
  }
}

/** What can be said where the metadata are not there: who asks, and what came in their place. */
const withoutMetadata: ReadonlySet<number> = new Set([1, 21, 22])
const rank = { fault: 0, warning: 1, note: 2 } as const
