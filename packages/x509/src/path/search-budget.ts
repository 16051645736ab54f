import type { BudgetName } from './path-failure.ts'

/** What one search may still spend; `exceeded` names the first purse that ran dry, and then the search ends. */
export interface SearchBudget {
  looks: number
  signatures: number
  /** Milliseconds. */
  signatureTime: number
  nameComparisons: number
  policyNodes: number
  exceeded: BudgetName | undefined
  /** Milliseconds since any fixed moment. */
  readonly elapsed: () => number
}

/** A full purse. Without a clock the time of signature checks is not bounded, only their number. */
export function searchBudget(elapsed: () => number = () => 0): SearchBudget {
  return {
    looks: LOOKS,
    signatures: SIGNATURES,
    signatureTime: SIGNATURE_TIME,
    nameComparisons: NAME_COMPARISONS,
    policyNodes: POLICY_NODES,
    exceeded: undefined,
    elapsed,
  }
}

/** Takes from a purse; false when it held less. */
export function spend(
  budget: SearchBudget,
  purse: 'looks' | 'signatures' | 'nameComparisons' | 'policyNodes',
  amount: number = 1,
): boolean {
  budget[purse] -= amount
  if (budget[purse] >= 0) return true
  budget.exceeded ??= NAMES[purse]
  return false
}

/** Whether signature checks have taken too long. A machine that stalls within the first few is not an attack. */
export function isOutOfTime(budget: SearchBudget): boolean {
  return budget.signatureTime < 0 && budget.signatures <= SIGNATURES - SIGNATURES_AT_ANY_TIME
}

const NAMES = {
  looks: 'looks',
  signatures: 'signatures',
  nameComparisons: 'name_comparisons',
  policyNodes: 'policy_nodes',
} as const

/** Candidate issuers looked at: two orders of magnitude above any cross-signed mesh in use. */
const LOOKS = 5_000
/** As Go and webpki have it. */
const SIGNATURES = 100
/** More than any honest search needs. */
const SIGNATURES_AT_ANY_TIME = 8
/** Milliseconds: a hundred P-384 checks alone would take ninety. */
const SIGNATURE_TIME = 20
/** As webpki has it. */
const NAME_COMPARISONS = 250_000
/** Nodes of the policy graph, RFC 9618 §6. */
const POLICY_NODES = 2_000
