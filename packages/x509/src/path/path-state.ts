import type { Certificate } from '../certificate/certificate.ts'
import { ANY_POLICY } from '../extension/certificate-policies.ts'
import { ANY_EXTENDED_KEY_USAGE, SERVER_AUTH } from '../extension/extended-key-usage.ts'
import type { NameConstraints } from '../extension/name-constraints.ts'
import { checkNameConstraints } from '../name-constraint/check-name-constraints.ts'
import { formatDistinguishedName } from '../name/format-distinguished-name.ts'
import { fail, ok, type Result } from '../result.ts'
import type { AnchorSettings } from './anchor-set.ts'
import { certificateProfile, isSelfIssued, type PathPosition } from './certificate-profile.ts'
import type { CertificationAuthority } from './certification-authority.ts'
import { brokenKeyRule } from './key-rules.ts'
import type { PathFailure } from './path-failure.ts'
import { advancePolicies, finishPolicies, initialPolicyState, type PolicyState } from './policy-graph.ts'
import type { SearchBudget } from './search-budget.ts'

/** Where validation stands behind a CA of a path: RFC 5280 §6.1.2 and §6.1.4. Never changed, so that it can be kept. */
export interface PathState {
  /** From the anchor, which is the first, down to the CA whose subjects may be judged with this. */
  readonly authorities: readonly CertificationAuthority[]
  readonly constraints: readonly NameConstraints[]
  readonly policies: PolicyState
  readonly acceptedPolicies: readonly string[] | undefined
  /** `max_path_length` of the RFC. */
  readonly remaining: number
  /** The time in which all of them are valid, epoch seconds, ends included. */
  readonly validFrom: number
  readonly validUntil: number
}

/** What a search judges with. */
export interface Judgement {
  readonly now: number
  readonly settings: AnchorSettings
  readonly budget: SearchBudget
}

/** The state below an anchor. Its own constraints count as if it were the first certificate of the path. RFC 5937 §3. */
export function anchorState(
  anchor: CertificationAuthority,
  index: number,
  judgement: Judgement,
): Result<PathState, PathFailure> {
  const { certificate } = anchor
  const { settings } = judgement
  const enforced = settings.anchorValidity === 'enforce'
  const failure =
    (enforced ? dates(certificate, index, judgement.now) : undefined) ??
    form(certificate, index, anchor.signedItself === true ? 'self_signed_anchor' : 'anchor', settings)
  if (failure !== undefined) return fail(failure)
  const policies = initialPolicyState({
    initialPolicies: settings.policies,
    requireExplicitPolicy: settings.explicitPolicy === 'required',
    inhibitPolicyMapping: settings.policyMapping === 'inhibited',
    inhibitAnyPolicy: settings.anyPolicy === 'inhibited',
  })
  const { requireExplicitPolicy, inhibitPolicyMapping } = certificate.policyConstraints ?? {}
  const constraints = [settings.nameConstraints, certificate.nameConstraints]
  return ok({
    authorities: [anchor],
    constraints: constraints.filter((constraint) => constraint !== undefined),
    policies: {
      level: policies.level,
      explicitPolicy: Math.min(policies.explicitPolicy, requireExplicitPolicy ?? UNLIMITED),
      policyMapping: Math.min(policies.policyMapping, inhibitPolicyMapping ?? UNLIMITED),
      inhibitAnyPolicy: Math.min(policies.inhibitAnyPolicy, certificate.inhibitAnyPolicy ?? UNLIMITED),
    },
    acceptedPolicies: acceptedPolicies(settings.policies, certificate.certificatePolicies),
    remaining: certificate.basicConstraints?.pathLength ?? UNLIMITED,
    validFrom: enforced ? certificate.notBefore : 0,
    validUntil: enforced ? certificate.notAfter : UNLIMITED,
  })
}

/** Goes down to the next CA, whose signature is already verified. RFC 5280 §6.1.3, §6.1.4. */
export function advanceToAuthority(
  state: PathState,
  authority: CertificationAuthority,
  index: number,
  judgement: Judgement,
): Result<PathState, PathFailure> {
  const { certificate } = authority
  const { settings, budget } = judgement
  const selfIssued = isSelfIssued(certificate)
  const failure =
    dates(certificate, index, judgement.now) ??
    mayIssue(certificate, index) ??
    form(certificate, index, 'intermediate', settings) ??
    purpose(certificate.extendedKeyUsage, index, settings, 'intermediate') ??
    (selfIssued ? undefined : checkNameConstraints(certificate, state.constraints, index, budget))
  if (failure !== undefined) return fail(failure)
  if (!selfIssued && state.remaining === 0) return fail({ reason: 'path_length_exceeded', index })
  const policies = advancePolicies(state.policies, certificate, index, selfIssued, budget)
  if (!policies.ok) return policies
  const constraints = certificate.nameConstraints
  return ok({
    authorities: [...state.authorities, authority],
    constraints: constraints === undefined ? state.constraints : [...state.constraints, constraints],
    policies: policies.value,
    acceptedPolicies: state.acceptedPolicies,
    remaining: Math.min(state.remaining - (selfIssued ? 0 : 1), certificate.basicConstraints?.pathLength ?? UNLIMITED),
    validFrom: Math.max(state.validFrom, certificate.notBefore),
    validUntil: Math.min(state.validUntil, certificate.notAfter),
  })
}

/** Ends at the leaf, whose signature is already verified: the policies that the path is good for. RFC 5280 §6.1.3, §6.1.5. */
export function advanceToLeaf(
  state: PathState,
  leaf: Certificate,
  judgement: Judgement,
): Result<readonly string[] | 'any', PathFailure> {
  const { settings, budget, now } = judgement
  const failure =
    dates(leaf, 0, now) ??
    form(leaf, 0, 'leaf', settings) ??
    checkNameConstraints(leaf, state.constraints, 0, budget) ??
    leafRules(leaf, settings)
  if (failure !== undefined) return fail(failure)
  const policies = advancePolicies(state.policies, leaf, 0, isSelfIssued(leaf), budget)
  return policies.ok ? finishPolicies(policies.value, leaf, state.acceptedPolicies) : policies
}

/** Both ends belong to the validity. RFC 5280 §4.1.2.5. */
export function dates(certificate: Certificate, index: number, now: number): PathFailure | undefined {
  const { notBefore, notAfter } = certificate
  if (now < notBefore) return { reason: 'certificate_not_yet_valid', index, notBefore, now }
  return now > notAfter ? { reason: 'certificate_expired', index, notAfter, now } : undefined
}

/** Whether a certificate is that of a CA at all. RFC 5280 §6.1.4 (k), (n). */
export function mayIssue(certificate: Certificate, index: number): PathFailure | undefined {
  if (certificate.basicConstraints?.ca !== true) {
    return { reason: 'issuer_not_ca', index, subject: formatDistinguishedName(certificate.subject) }
  }
  const present = certificate.keyUsage
  if (present?.includes('keyCertSign') !== false) return undefined
  return { reason: 'key_usage_missing', index, required: ['keyCertSign'], present }
}

function form(
  certificate: Certificate,
  index: number,
  position: PathPosition,
  settings: AnchorSettings,
): PathFailure | undefined {
  for (const { oid, critical } of certificate.extensions) {
    if (critical && !PROCESSED.has(oid)) return { reason: 'critical_extension_unknown', index, oid }
  }
  const { algorithm } = certificate.publicKey
  const keyRule = brokenKeyRule(certificate.publicKey, settings.keys)
  if (keyRule !== undefined) return { reason: 'key_not_allowed', index, algorithm, rule: keyRule }
  const rule = certificateProfile(certificate, position, settings.profile)
  return rule === undefined ? undefined : { reason: 'profile_violated', index, rule }
}

function leafRules(leaf: Certificate, settings: AnchorSettings): PathFailure | undefined {
  const isCa = leaf.basicConstraints?.ca === true
  if (isCa && settings.leafAuthority === 'refuse') return { reason: 'leaf_is_ca', index: 0 }
  if (leaf.nameConstraints !== undefined && !isCa) return { reason: 'name_constraints_in_leaf', index: 0 }
  const present = leaf.keyUsage
  if (
    settings.keyUsage.length > 0 &&
    present !== undefined &&
    !settings.keyUsage.some((usage) => present.includes(usage))
  ) {
    return { reason: 'key_usage_missing', index: 0, required: settings.keyUsage, present }
  }
  return purpose(leaf.extendedKeyUsage, 0, settings, 'leaf')
}

/** An extended key usage in a CA bounds what it may issue for, as all validators in use have it. RFC 5280 §4.2.1.12. */
function purpose(
  present: readonly string[] | undefined,
  index: number,
  settings: AnchorSettings,
  position: 'intermediate' | 'leaf',
): PathFailure | undefined {
  const rule = settings.extendedKeyUsage
  const required = rule === 'server_auth_too' ? [settings.purpose, SERVER_AUTH] : [settings.purpose]
  if (settings.purpose === ANY_EXTENDED_KEY_USAGE) return undefined
  if (present === undefined) {
    const missing = rule === 'require' && position === 'leaf'
    return missing ? { reason: 'extended_key_usage_missing', index, required, present: [] } : undefined
  }
  if (required.some((oid) => present.includes(oid))) return undefined
  const anyServes = position === 'intermediate' || rule !== 'require'
  if (anyServes && present.includes(ANY_EXTENDED_KEY_USAGE)) return undefined
  return { reason: 'extended_key_usage_missing', index, required, present }
}

/** RFC 5937 §3.2: the policies of the anchor bound those that the relying party accepts. */
function acceptedPolicies(
  wanted: readonly string[] | undefined,
  ofAnchor: readonly string[] | undefined,
): readonly string[] | undefined {
  if (ofAnchor === undefined || ofAnchor.includes(ANY_POLICY)) return wanted
  if (wanted === undefined || wanted.includes(ANY_POLICY)) return ofAnchor
  return wanted.filter((policy) => ofAnchor.includes(policy))
}

const UNLIMITED = Number.MAX_SAFE_INTEGER

/** Extensions whose meaning this package enforces or hands on. All others end a path when they are critical. */
const PROCESSED: ReadonlySet<string> = new Set([
  '2.5.29.14',
  '2.5.29.15',
  '2.5.29.17',
  '2.5.29.19',
  '2.5.29.30',
  '2.5.29.31',
  '2.5.29.32',
  '2.5.29.33',
  '2.5.29.35',
  '2.5.29.36',
  '2.5.29.37',
  '2.5.29.46',
  '2.5.29.54',
  '2.5.29.56',
  '1.3.6.1.5.5.7.1.1',
  '1.3.6.1.5.5.7.1.3',
])
