import { contextPrimitive, type DerReader, SEQUENCE } from '../der/der-reader.ts'

/** RFC 5280 §4.2.1.5: a policy of the issuer's domain that counts as one of the subject's. */
export interface PolicyMapping {
  readonly issuerDomainPolicy: string
  readonly subjectDomainPolicy: string
}

/** RFC 5280 §4.2.1.11. */
export interface PolicyConstraints {
  readonly requireExplicitPolicy?: number
  readonly inhibitPolicyMapping?: number
}

/** Reads CertificatePolicies as dotted identifiers; no policy may appear twice. RFC 5280 §4.2.1.4. */
export function certificatePolicies(reader: DerReader, limit: number): readonly string[] {
  const end = reader.enter(SEQUENCE, limit)
  const policies: string[] = []
  while (reader.position < end) {
    const endOfPolicy = reader.enter(SEQUENCE, end)
    policies.push(reader.objectIdentifier(endOfPolicy))
    if (reader.peek(endOfPolicy) === SEQUENCE) reader.skip(endOfPolicy)
    reader.leave(endOfPolicy)
    if (policies.length > MAXIMUM_POLICIES) reader.refuse('too_many_elements')
  }
  if (policies.length === 0) reader.refuse('value_missing')
  if (new Set(policies).size !== policies.length) reader.refuse('value_not_allowed')
  return policies
}

/** Reads PolicyMappings. */
export function policyMappings(reader: DerReader, limit: number): readonly PolicyMapping[] {
  const end = reader.enter(SEQUENCE, limit)
  const mappings: PolicyMapping[] = []
  while (reader.position < end) {
    const endOfMapping = reader.enter(SEQUENCE, end)
    const issuerDomainPolicy = reader.objectIdentifier(endOfMapping)
    mappings.push({ issuerDomainPolicy, subjectDomainPolicy: reader.objectIdentifier(endOfMapping) })
    reader.leave(endOfMapping)
    if (mappings.length > MAXIMUM_POLICIES) reader.refuse('too_many_elements')
  }
  if (mappings.length === 0) reader.refuse('value_missing')
  return mappings
}

/** Reads PolicyConstraints; it must not be empty. */
export function policyConstraints(reader: DerReader, limit: number): PolicyConstraints {
  const end = reader.enter(SEQUENCE, limit)
  const constraints: { requireExplicitPolicy?: number; inhibitPolicyMapping?: number } = {}
  if (reader.peek(end) === contextPrimitive(0)) {
    constraints.requireExplicitPolicy = reader.smallInteger(end, undefined, contextPrimitive(0))
  }
  if (reader.peek(end) === contextPrimitive(1)) {
    constraints.inhibitPolicyMapping = reader.smallInteger(end, undefined, contextPrimitive(1))
  }
  reader.leave(end)
  if (Object.keys(constraints).length === 0) reader.refuse('value_missing')
  return constraints
}

export const ANY_POLICY = '2.5.29.32.0'

/** The policy graph has a budget of its own; this one bounds memory. */
const MAXIMUM_POLICIES = 4_096
