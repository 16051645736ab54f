import type { PathFailure } from '@holdfast/x509'
import { instantText } from '../cert/instant.ts'
import { words } from './words.ts'

/** Says in one sentence why a path does not lead to an anchor: lower case, no full stop. */
export function pathFailureText(failure: PathFailure): string {
  const text = sentences[failure.reason] as (failure: PathFailure) => string
  return text(failure)
}

type Sentences = {
  readonly [Reason in PathFailure['reason']]: (failure: Extract<PathFailure, { reason: Reason }>) => string
}

const sentences: Sentences = {
  issuer_unknown: (f) => `its issuer ${f.issuer} is unknown here`,
  certificate_expired: (f) => `${at(f)} expired at ${instantText(f.notAfter)}`,
  certificate_not_yet_valid: (f) => `${at(f)} is valid only from ${instantText(f.notBefore)}`,
  signature_invalid: (f) => `${at(f)} was not signed with the key of ${f.issuer}`,
  signature_algorithm_not_allowed: (f) => `${at(f)} is signed with ${f.algorithm}, which is not accepted`,
  signature_algorithm_mismatch: (f) => `${at(f)} is signed with ${f.algorithm}, its issuer has a key for ${f.key}`,
  key_not_allowed: (f) => `the ${f.algorithm} key of ${at(f)} is not accepted (${words(f.rule)})`,
  issuer_not_ca: (f) => `${f.subject} has signed it and is no CA`,
  key_usage_missing: (f) => `${at(f)} is not for ${f.required.join(', ')} (its key usage: ${listed(f.present)})`,
  path_length_exceeded: (f) => `a CA above ${at(f)} allows fewer CAs below itself`,
  path_too_long: (f) => `more than ${f.maximum} certificates`,
  extended_key_usage_missing: (f) => `${at(f)} is not for client authentication (its purposes: ${listed(f.present)})`,
  critical_extension_unknown: (f) => `${at(f)} has the critical extension ${f.oid}, which is not understood`,
  name_excluded: (f) => `a CA above may not vouch for ${f.name} (excluded: ${f.constraint})`,
  name_not_permitted: (f) => `a CA above may not vouch for ${f.name}`,
  name_malformed: (f) => `the name ${f.name} in ${at(f)} is malformed`,
  name_constraint_malformed: (f) => `the name constraint ${f.constraint} of ${at(f)} is malformed`,
  name_constraint_unsupported: (f) => `${at(f)} constrains names of the form ${f.form}, which is not supported`,
  name_constraints_in_leaf: () => 'the certificate has name constraints and is no CA',
  policy_required: (f) => `a certificate policy is demanded, and none of ${listed(f.accepted)} holds along the path`,
  policy_mapping_of_any_policy: (f) => `${at(f)} maps anyPolicy`,
  profile_violated: (f) => `${at(f)} is not as the profile wants it: ${words(f.rule)}`,
  leaf_is_ca: () => 'the certificate is a CA, and a CA is no client',
  leaf_is_anchor: () => 'the certificate is the anchor itself',
  chain_too_many_certificates: (f) => `${f.count} certificates came along, ${f.maximum} are looked at`,
  chain_too_large: (f) => `the certificates that came along have ${f.octets} bytes, ${f.maximum} are looked at`,
  budget_exceeded: (f) => `the search was given up: too many ${words(f.budget)}`,
}

function at(failure: { readonly index: number }): string {
  return failure.index === 0 ? 'the certificate' : `CA ${failure.index} above the certificate`
}

function listed(items: readonly string[]): string {
  return items.length === 0 ? 'none' : items.join(', ')
}
