import type { Failure } from '../protocol-error/failure.ts'

/** One thing that was looked at on the way to a decision. */
export interface ExplainedStep {
  readonly step: StepName
  readonly outcome: 'passed' | 'refused' | 'skipped'
  /** What it was judged by; for a refusal the failure itself. Plain data without secrets. */
  readonly facts: Readonly<Record<string, unknown>>
}

/** In the order in which they come up. */
export type StepName =
  | 'request'
  | 'credentials'
  | 'client'
  | 'method'
  | 'certificate'
  | 'trust'
  | 'revocation'
  | 'subject'
  | 'registered_certificate'
  | 'secret'
  | 'assertion'
  | 'assertion_signature'
  | 'assertion_use'
  | 'public_client'
  | 'grant_type'
  | 'grant'
  | 'binding'

/** Takes down the steps of one decision. Only made for an explanation: a request that is answered carries none. */
export interface StepRecorder {
  begin(step: StepName): void
  passed(facts: Readonly<Record<string, unknown>>): void
  /** Ends the list: the step that was begun last is the one that refused. */
  refused(failure: Failure): void
  readonly steps: readonly ExplainedStep[]
}

export function stepRecorder(): StepRecorder {
  const steps: ExplainedStep[] = []
  let current: StepName = 'request'
  const end = (outcome: ExplainedStep['outcome'], facts: object): void => {
    steps.push({ step: current, outcome, facts: { ...facts } })
  }
  return {
    steps,
    begin: (step) => void (current = step),
    passed: (facts) => end('passed', facts),
    refused: (failure) => end('refused', failure),
  }
}
