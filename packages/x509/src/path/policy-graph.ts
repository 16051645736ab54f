import type { Certificate } from '../certificate/certificate.ts'
import { ANY_POLICY } from '../extension/certificate-policies.ts'
import { fail, ok, type Result } from '../result.ts'
import type { PathFailure } from './path-failure.ts'
import { type SearchBudget, spend } from './search-budget.ts'

/** What the relying party asks of policies. RFC 5280 §6.1.1 (c), (e), (f), (g). */
export interface PolicyInputs {
  /** Dotted identifiers; undefined accepts any policy. */
  readonly initialPolicies: readonly string[] | undefined
  readonly requireExplicitPolicy: boolean
  readonly inhibitPolicyMapping: boolean
  readonly inhibitAnyPolicy: boolean
}

/** Where policy processing stands behind one certificate; never changed, so that a prefix of a path can be kept. */
export interface PolicyState {
  /** Nodes of the deepest level by policy; undefined when the graph is null. */
  readonly level: ReadonlyMap<string, PolicyNode> | undefined
  readonly explicitPolicy: number
  readonly policyMapping: number
  readonly inhibitAnyPolicy: number
}

interface PolicyNode {
  readonly policy: string
  readonly expected: readonly string[]
  readonly parents: readonly PolicyNode[]
}

/** The state above the first certificate of a path. RFC 5280 §6.1.2. */
export function initialPolicyState(inputs: PolicyInputs): PolicyState {
  const root = { policy: ANY_POLICY, expected: [ANY_POLICY], parents: [] }
  return {
    level: new Map([[ANY_POLICY, root]]),
    explicitPolicy: inputs.requireExplicitPolicy ? 0 : UNLIMITED,
    policyMapping: inputs.inhibitPolicyMapping ? 0 : UNLIMITED,
    inhibitAnyPolicy: inputs.inhibitAnyPolicy ? 0 : UNLIMITED,
  }
}

/**
 * Processes the policies of one certificate. RFC 5280 §6.1.3 (d)–(f) and §6.1.4 (a), (b), (h)–(j), with the graph of
 * RFC 9618 §5 in place of the tree: one node per policy and level, so that its size cannot explode.
 */
export function advancePolicies(
  state: PolicyState,
  certificate: Certificate,
  index: number,
  selfIssued: boolean,
  budget: SearchBudget,
): Result<PolicyState, PathFailure> {
  const anyPolicyCounts = state.inhibitAnyPolicy > 0 || (index > 0 && selfIssued)
  const level = nextLevel(state.level, certificate.certificatePolicies, anyPolicyCounts, budget)
  // A level that was cut short may lack a mapping that would have taken a policy away.
  if (budget.exceeded !== undefined) return fail({ reason: 'budget_exceeded', budget: budget.exceeded })
  if (state.explicitPolicy === 0 && level === undefined) return fail({ reason: 'policy_required', index, accepted: [] })
  if (index === 0) return ok({ ...state, level })

  const mappings = certificate.policyMappings ?? []
  if (mappings.some((map) => map.issuerDomainPolicy === ANY_POLICY || map.subjectDomainPolicy === ANY_POLICY)) {
    return fail({ reason: 'policy_mapping_of_any_policy', index })
  }
  const mapped = mappings.length === 0 ? level : mapPolicies(level, mappings, state.policyMapping > 0, budget)
  if (budget.exceeded !== undefined) return fail({ reason: 'budget_exceeded', budget: budget.exceeded })
  const { requireExplicitPolicy = UNLIMITED, inhibitPolicyMapping = UNLIMITED } = certificate.policyConstraints ?? {}
  const step = selfIssued ? 0 : 1
  return ok({
    level: mapped,
    explicitPolicy: Math.min(Math.max(state.explicitPolicy - step, 0), requireExplicitPolicy),
    policyMapping: Math.min(Math.max(state.policyMapping - step, 0), inhibitPolicyMapping),
    inhibitAnyPolicy: Math.min(Math.max(state.inhibitAnyPolicy - step, 0), certificate.inhibitAnyPolicy ?? UNLIMITED),
  })
}

/**
 * Ends policy processing behind the leaf: the policies the path is good for, or why that is not enough.
 *
 * RFC 5280 §6.1.5 (a), (b), (g). `any` stands for a path that restricts nothing.
 */
export function finishPolicies(
  state: PolicyState,
  leaf: Certificate,
  initialPolicies: readonly string[] | undefined,
): Result<readonly string[] | 'any', PathFailure> {
  const explicit = leaf.policyConstraints?.requireExplicitPolicy === 0 ? 0 : Math.max(state.explicitPolicy - 1, 0)
  const policies = userConstrained(state.level, initialPolicies)
  if (explicit === 0 && policies !== 'any' && policies.length === 0) {
    return fail({ reason: 'policy_required', index: 0, accepted: initialPolicies ?? [] })
  }
  return ok(policies)
}

function nextLevel(
  above: PolicyState['level'],
  policies: readonly string[] | undefined,
  anyPolicyCounts: boolean,
  budget: SearchBudget,
): PolicyState['level'] {
  if (above === undefined || policies === undefined) return undefined
  const expecting = new Map<string, PolicyNode[]>()
  for (const node of above.values()) {
    for (const policy of node.expected) {
      const nodes = expecting.get(policy)
      if (nodes === undefined) expecting.set(policy, [node])
      else nodes.push(node)
    }
  }
  const level = new Map<string, PolicyNode>()
  const add = (policy: string, parents: readonly PolicyNode[]): void => {
    if (spend(budget, 'policyNodes')) level.set(policy, { policy, expected: [policy], parents })
  }
  const anyAbove = above.get(ANY_POLICY)
  for (const policy of policies) {
    if (policy === ANY_POLICY) continue
    const parents = expecting.get(policy) ?? (anyAbove === undefined ? undefined : [anyAbove])
    if (parents !== undefined) add(policy, parents)
  }
  if (anyPolicyCounts && policies.includes(ANY_POLICY)) {
    for (const [policy, parents] of expecting) if (!level.has(policy)) add(policy, parents)
  }
  return level.size === 0 ? undefined : level
}

function mapPolicies(
  level: PolicyState['level'],
  mappings: readonly { readonly issuerDomainPolicy: string; readonly subjectDomainPolicy: string }[],
  allowed: boolean,
  budget: SearchBudget,
): PolicyState['level'] {
  if (level === undefined) return undefined
  const mapped = new Map(level)
  const targets = new Map<string, Set<string>>()
  for (const { issuerDomainPolicy, subjectDomainPolicy } of mappings) {
    const known = targets.get(issuerDomainPolicy)
    if (known === undefined) targets.set(issuerDomainPolicy, new Set([subjectDomainPolicy]))
    else known.add(subjectDomainPolicy)
  }
  for (const [policy, expected] of targets) {
    if (!allowed) {
      mapped.delete(policy)
      continue
    }
    const node = level.get(policy)
    const any = level.get(ANY_POLICY)
    const parents = node?.parents ?? any?.parents
    if (parents === undefined || !spend(budget, 'policyNodes')) continue
    mapped.set(policy, { policy, expected: [...expected], parents })
  }
  return mapped.size === 0 ? undefined : mapped
}

/** RFC 9618 §5.3: what is left of the deepest level when only the accepted policies may enter the graph at its top. */
function userConstrained(
  level: PolicyState['level'],
  initialPolicies: readonly string[] | undefined,
): readonly string[] | 'any' {
  if (level === undefined) return []
  if (initialPolicies === undefined) return level.has(ANY_POLICY) ? 'any' : [...level.keys()]
  const accepted = new Set(initialPolicies)
  if (accepted.has(ANY_POLICY)) return level.has(ANY_POLICY) ? 'any' : [...level.keys()]
  if (level.has(ANY_POLICY)) return initialPolicies
  const entered = new Map<PolicyNode, boolean>()
  return [...level.values()].filter((node) => enters(node, accepted, entered)).map(({ policy }) => policy)
}

/** As deep as the path is long, which is bounded. */
function enters(node: PolicyNode, accepted: ReadonlySet<string>, known: Map<PolicyNode, boolean>): boolean {
  const before = known.get(node)
  if (before !== undefined) return before
  const answer = node.parents.some((parent) =>
    parent.policy === ANY_POLICY ? accepted.has(node.policy) : enters(parent, accepted, known),
  )
  known.set(node, answer)
  return answer
}

const UNLIMITED = Number.MAX_SAFE_INTEGER
