import type { KeyUsage } from '../extension/key-usage.ts'

/**
 * Why no path from the certificate to an anchor is good. `index` counts from the leaf, which is 0, towards the anchor.
 *
 * Names are RFC 4514 text, times epoch seconds, identifiers dotted.
 */
export type PathFailure =
  | { readonly reason: 'issuer_unknown'; readonly index: number; readonly issuer: string }
  | { readonly reason: 'certificate_expired'; readonly index: number; readonly notAfter: number; readonly now: number }
  | {
      readonly reason: 'certificate_not_yet_valid'
      readonly index: number
      readonly notBefore: number
      readonly now: number
    }
  | { readonly reason: 'signature_invalid'; readonly index: number; readonly issuer: string }
  | { readonly reason: 'signature_algorithm_not_allowed'; readonly index: number; readonly algorithm: string }
  | {
      readonly reason: 'signature_algorithm_mismatch'
      readonly index: number
      readonly algorithm: string
      readonly key: string
    }
  | { readonly reason: 'key_not_allowed'; readonly index: number; readonly algorithm: string; readonly rule: KeyRule }
  | { readonly reason: 'issuer_not_ca'; readonly index: number; readonly subject: string }
  | {
      readonly reason: 'key_usage_missing'
      readonly index: number
      readonly required: readonly KeyUsage[]
      readonly present: readonly KeyUsage[]
    }
  | { readonly reason: 'path_length_exceeded'; readonly index: number }
  | { readonly reason: 'path_too_long'; readonly index: number; readonly maximum: number }
  | {
      readonly reason: 'extended_key_usage_missing'
      readonly index: number
      readonly required: readonly string[]
      readonly present: readonly string[]
    }
  | { readonly reason: 'critical_extension_unknown'; readonly index: number; readonly oid: string }
  | { readonly reason: 'name_excluded'; readonly index: number; readonly name: string; readonly constraint: string }
  | { readonly reason: 'name_not_permitted'; readonly index: number; readonly name: string }
  | { readonly reason: 'name_malformed'; readonly index: number; readonly name: string }
  | { readonly reason: 'name_constraint_malformed'; readonly index: number; readonly constraint: string }
  | { readonly reason: 'name_constraint_unsupported'; readonly index: number; readonly form: string }
  | { readonly reason: 'name_constraints_in_leaf'; readonly index: number }
  | { readonly reason: 'policy_required'; readonly index: number; readonly accepted: readonly string[] }
  | { readonly reason: 'policy_mapping_of_any_policy'; readonly index: number }
  | { readonly reason: 'profile_violated'; readonly index: number; readonly rule: ProfileRule }
  | { readonly reason: 'leaf_is_ca'; readonly index: 0 }
  | { readonly reason: 'leaf_is_anchor'; readonly index: 0 }
  | { readonly reason: 'chain_too_many_certificates'; readonly count: number; readonly maximum: number }
  | { readonly reason: 'chain_too_large'; readonly octets: number; readonly maximum: number }
  | { readonly reason: 'budget_exceeded'; readonly budget: BudgetName }

export type KeyRule = 'algorithm' | 'size' | 'curve' | 'explicit_parameters' | 'exponent' | 'unusable'

export type BudgetName = 'looks' | 'signatures' | 'signature_time' | 'name_comparisons' | 'policy_nodes'

/** What a certificate must look like beside what its extensions say. The second group holds in the strict profile only. */
export type ProfileRule =
  | 'ca_subject_empty'
  | 'issuer_empty'
  | 'key_identifier_critical'
  | 'validity_reversed'
  | 'subject_alt_name_missing'
  | 'path_length_without_ca'
  | 'authority_key_identifier_incomplete'
  | 'authority_key_identifier_missing'
  | 'authority_key_identifier_critical'
  | 'subject_key_identifier_missing'
  | 'name_constraints_not_critical'
  | 'policy_constraints_not_critical'
  | 'inhibit_any_policy_not_critical'
  | 'basic_constraints_not_critical'
  | 'subject_alt_name_not_critical'
  | 'dns_name_malformed'
  | 'serial_number_out_of_range'
  | 'key_cert_sign_without_ca'
  | 'authority_information_access_critical'

/** Of two failed paths, the one whose failure tells more: the higher rank, then the one nearer to success. */
export function moreTelling(one: PathFailure | undefined, other: PathFailure): PathFailure {
  if (one === undefined) return other
  const difference = RANK[other.reason] - RANK[one.reason]
  if (difference !== 0) return difference > 0 ? other : one
  return 'index' in other && 'index' in one && other.index < one.index ? other : one
}

/**
 * From "nobody we know signed this" to "a trusted CA signed this, and this one rule ended it".
 *
 * What is found only behind a verified signature ranks above what anyone can put into a chain.
 */
const RANK: { readonly [Reason in PathFailure['reason']]: number } = {
  issuer_unknown: 10,
  issuer_not_ca: 20,
  signature_invalid: 30,
  path_too_long: 35,
  signature_algorithm_mismatch: 36,
  signature_algorithm_not_allowed: 40,
  certificate_not_yet_valid: 50,
  certificate_expired: 51,
  key_usage_missing: 60,
  profile_violated: 61,
  key_not_allowed: 62,
  critical_extension_unknown: 63,
  path_length_exceeded: 64,
  name_constraint_malformed: 65,
  name_constraint_unsupported: 66,
  name_constraints_in_leaf: 66,
  name_malformed: 67,
  name_not_permitted: 68,
  name_excluded: 69,
  policy_mapping_of_any_policy: 70,
  policy_required: 71,
  extended_key_usage_missing: 80,
  leaf_is_ca: 81,
  leaf_is_anchor: 82,
  chain_too_many_certificates: 90,
  chain_too_large: 91,
  budget_exceeded: 100,
}
