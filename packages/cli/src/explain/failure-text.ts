import type { Failure, FailureReason } from '@holdfast/core'
import { authorizationSentences } from './authorization-failure-text.ts'
import { delegatedGrantSentences } from './delegated-grant-failure-text.ts'
import { certificateRefusalText } from './certificate-refusal-text.ts'
import { instantText } from '../cert/instant.ts'
import { pathFailureText } from './path-failure-text.ts'
import { registrationSentences } from './registration-failure-text.ts'
import { sourcesText } from './sources-text.ts'
import { shortThumbprint } from './short-thumbprint.ts'
import { subjectKindText } from './subject-kind-text.ts'
import { words } from './words.ts'

/** Says in one sentence what a failure means, for the operator: lower case, no full stop. */
export function failureText(failure: Failure): string {
  const text = sentences[failure.reason] as (failure: Failure) => string
  return text(failure)
}

type Sentences = { readonly [Reason in FailureReason]: (failure: Extract<Failure, { reason: Reason }>) => string }

const sentences: Sentences = {
  method_not_allowed: (f) => `${f.method} was used, only ${list(f.allowed)} is allowed`,
  content_type_unsupported: (f) =>
    `the body is ${f.presented ?? 'of no declared type'}, not application/x-www-form-urlencoded`,
  content_encoding_unsupported: (f) => `the form is encoded as ${f.presented}, and nothing is decompressed here`,
  form_too_large: (f) => `the form is longer than ${f.limit} bytes`,
  form_too_many_parameters: (f) => `the form has more than ${f.limit} parameters`,
  form_malformed: (f) => `the form cannot be decoded at position ${f.position}`,
  parameter_repeated: (f) => `the parameter ${f.parameter} is there more than once`,
  resource_repeated: () => 'the parameter resource is there more than once; one token is for one resource',
  parameter_missing: (f) => `the parameter ${f.parameter} is missing`,
  client_id_missing: () => 'the request does not say which client asks',
  parameter_malformed: (f) => `the parameter ${f.parameter} is not what it should be`,
  authorization_header_malformed: (f) => `the Authorization header is unusable: ${words(f.problem)}`,
  authorization_scheme_unsupported: (f) =>
    `the Authorization header has the scheme ${f.scheme}, which no client here uses`,
  credentials_presented_twice: (f) => `the client proved itself in more than one way: ${list(f.presented)}`,
  client_id_contradicted: (f) => `client_id says another client than the ${words(f.where)}`,

  certificate_source_refused: (f) => `the certificate header was not believed: ${certificateRefusalText(f.refusal)}`,
  certificate_missing: (f) =>
    f.role === 'main'
      ? `${f.method} needs a certificate, and the request went to a host that never asks for one`
      : `${f.method} needs a certificate, and the connection had none`,
  certificate_malformed: (f) =>
    `the certificate ${shortThumbprint(f.thumbprint)} cannot be read: ${words(f.problem.reason)}`,
  certificate_untrusted: (f) =>
    `the certificate ${shortThumbprint(f.thumbprint)} does not lead to an anchor of the trust “${f.trust}”: ${pathFailureText(f.path)}`,
  certificate_revoked: (f) =>
    `${f.index === 0 ? 'the certificate' : `CA ${f.index} above the certificate`} ${shortThumbprint(f.thumbprint)} was revoked at ${instantText(f.revokedAt)} (${f.revocationReason}), says the ${f.source === 'crl' ? 'CRL' : 'OCSP responder'}${f.origin === undefined ? '' : ` ${f.origin}`}`,
  revocation_unknown: (f) =>
    `whether ${f.index === 0 ? 'the certificate' : `CA ${f.index} above the certificate`} ${shortThumbprint(f.thumbprint)} is revoked nobody can tell: ${list(f.problems.map(words))}${sourcesText(f.sources)}`,
  certificate_not_svid: (f) =>
    `the certificate ${shortThumbprint(f.thumbprint)} is no X.509-SVID: ${words(f.problem.reason)}`,
  spiffe_trust_domain_mismatch: (f) =>
    `the SVID ${shortThumbprint(f.thumbprint)} is of the trust domain ${f.presented}, the trust “${f.trust}” is that of ${f.expected}`,
  certificate_subject_mismatch: (f) =>
    `the certificate names ${f.presented.length === 0 ? 'nobody of that kind' : list(f.presented)}, the client is registered by ${subjectKind(f.expected.kind)} ${f.expected.value}`,
  psd2_authority_not_accepted: (f) =>
    `the client needs a PSD2 certificate of ${list(f.accepted)}, and the certificate ${f.presented === undefined ? `names no authority (${words(f.problem ?? '')})` : `is one of ${f.presented}`}`,
  certificate_not_registered: (f) =>
    `the certificate ${shortThumbprint(f.thumbprint)} is not registered for this client (registered: ${f.registered.length === 0 ? 'none' : list(f.registered.map(shortThumbprint))})`,
  certificate_expired: (f) => `the certificate ${shortThumbprint(f.thumbprint)} expired at ${instantText(f.notAfter)}`,
  certificate_not_yet_valid: (f) =>
    `the certificate ${shortThumbprint(f.thumbprint)} is valid only from ${instantText(f.notBefore)}`,
  binding_certificate_missing: (f) =>
    `tokens of this client must be bound to a certificate, and ${f.role === 'main' ? 'the request went to a host that never asks for one' : 'the connection had none'}`,

  client_unknown: (f) => `there is no client ${f.clientId}`,
  client_disabled: (f) => `the client ${f.clientId} is disabled`,
  client_credentials_missing: (f) => `the client is registered for ${f.registered}, and the request carried no proof`,
  client_method_mismatch: (f) => `the client is registered for ${f.registered} and came with ${f.presented}`,
  client_method_not_offered: (f) => `${f.registered} is switched off here (offered: ${list(f.offered)})`,
  client_secret_mismatch: () => 'the client secret is wrong',
  client_not_confidential: () => 'a public client cannot do this: it has nothing that proves who it is',
  registered_keys_unavailable: (f) => `the keys at ${f.jwksUri} could not be had: ${f.problem}`,

  assertion_type_unsupported: (f) => `client_assertion_type is ${f.presented ?? 'missing'}, not jwt-bearer`,
  assertion_too_long: (f) => `the assertion has ${f.length} characters, ${f.limit} are allowed`,
  assertion_malformed: (f) => `the assertion is no JWT: ${words(f.problem)}`,
  assertion_header_critical: (f) => `the assertion demands the extension ${f.critical}`,
  assertion_algorithm_not_allowed: (f) => `the assertion is signed with ${f.presented}, allowed is ${list(f.allowed)}`,
  assertion_key_unknown: (f) => `the client has registered no key ${f.kid ?? 'that fits'}`,
  assertion_signature_invalid: (f) => `the signature of the assertion does not fit the key ${f.kid ?? 'of the client'}`,
  assertion_claim_missing: (f) => `the assertion lacks ${f.claim}`,
  assertion_claim_malformed: (f) => `${f.claim} in the assertion is not what it should be`,
  assertion_issuer_mismatch: (f) => `iss in the assertion is ${f.presented}, not the client`,
  assertion_subject_mismatch: (f) => `sub in the assertion is ${f.presented}, not the client`,
  assertion_audience_mismatch: (f) => `the assertion is for ${list(f.presented)}, not for ${list(f.expected)}`,
  assertion_expired: (f) => `the assertion expired at ${instantText(f.exp)}`,
  assertion_lifetime_too_long: (f) => `the assertion would live until ${instantText(f.exp)}, longer than ${f.limit} s`,
  assertion_not_yet_valid: (f) => `the assertion is good only from ${instantText(f.value)} (${f.claim})`,
  assertion_replayed: (f) => `the assertion ${f.jti} was used before`,

  grant_type_unknown: (f) => `there is no grant ${f.presented}`,
  grant_type_not_registered: (f) => `the client may not use ${f.presented} (registered: ${list(f.registered)})`,
  scope_malformed: (f) => `scope is malformed at position ${f.position}`,
  scope_not_registered: (f) => `the client may not ask for ${list(f.refused)} (registered: ${list(f.registered)})`,
  scope_beyond_psd2_roles: (f) =>
    `${list(f.refused.map((scope) => `${scope} needs ${(f.needed[scope] ?? []).join(' or ')}`))}, and the certificate ${f.roles.length === 0 ? `states no role (${words(f.problem ?? '')})` : `states ${list(f.roles)}${f.authority === undefined ? '' : `, authorized by ${f.authority}`}`}`,
  resource_malformed: (f) => `resource is no absolute URI: ${f.presented}`,
  resource_not_registered: (f) =>
    `the client may not ask for tokens for ${f.presented} (registered: ${list(f.registered)})`,
  ...authorizationSentences,

  ...delegatedGrantSentences,
  ...registrationSentences,
  token_of_another_client: (f) => `the token belongs to ${f.owner}`,

  token_missing: () => 'the request carried no token',
  token_too_long: (f) => `the token has ${f.length} characters, ${f.limit} are allowed`,
  token_malformed: (f) => `the token cannot be read: ${words(f.problem)}`,
  token_header_critical: (f) => `the token demands the extension ${f.critical}`,
  token_algorithm_not_allowed: (f) => `the token is signed with ${f.presented}, allowed is ${list(f.allowed)}`,
  token_key_unknown: (f) => `the issuer has no key ${f.kid ?? 'that fits'}`,
  token_signature_invalid: () => 'the signature of the token does not fit',
  token_type_mismatch: (f) => `the token is of type ${f.presented ?? 'none'}, not ${list(f.expected)}`,
  token_claim_missing: (f) => `the token lacks ${f.claim}`,
  token_claim_malformed: (f) => `${f.claim} in the token is not what it should be`,
  token_issuer_mismatch: (f) => `the token was issued by ${f.presented}, not by ${f.expected}`,
  token_audience_mismatch: (f) => `the token is for ${list(f.presented)}, not for ${list(f.expected)}`,
  token_expired: (f) => `the token expired at ${instantText(f.exp)}`,
  token_not_yet_valid: (f) => `the token is good only from ${instantText(f.nbf)}`,
  token_inactive: () => 'the issuer says that the token is not active',
  token_revoked: () => 'the token was revoked',
  token_not_bound: () => 'the token is bound to no certificate, and only bound ones are taken here',
  token_confirmation_unsupported: (f) =>
    `the token is bound by ${list(f.members)}, which is not a certificate thumbprint`,
  token_certificate_missing: (f) =>
    `the token is bound to the certificate ${shortThumbprint(f.expected)}, and the connection had none`,
  token_certificate_mismatch: (f) =>
    `the token is bound to the certificate ${shortThumbprint(f.expected)}, the connection had ${shortThumbprint(f.presented)}`,
  token_proof_missing: (f) => `the token is bound to the key ${shortThumbprint(f.expected)}, and no DPoP proof came`,
  token_key_mismatch: (f) =>
    `the token is bound to the key ${shortThumbprint(f.expected)}, the proof was made with ${shortThumbprint(f.presented)}`,
  token_not_bound_to_key: () => 'the token came by the scheme DPoP and is not bound to a key',
  scope_insufficient: (f) => `the token has the scopes ${list(f.granted)}, needed is ${list(f.required)}`,

  trust_unavailable: (f) => `the trust “${f.trust}” is not loaded`,
  spiffe_bundle_missing: (f) => `there is no bundle of the trust domain ${f.trustDomain} yet (trust “${f.trust}”)`,
  spiffe_bundle_stale: (f) =>
    `the bundle of the trust domain ${f.trustDomain} went stale at ${instantText(f.until)} (trust “${f.trust}”)`,
  store_unavailable: (f) => `the store of ${f.store} does not answer`,
  replay_memory_full: () => 'the memory of used assertions is full',
  signing_unavailable: () => 'no signing key can be used',
  token_keys_unavailable: () => 'the keys of the issuer could not be had',
  requests_limited: (f) => `too many requests, again in ${f.retryAfter} s`,
  shutting_down: () => 'the server is shutting down',
  unexpected: () => 'a fault of the server itself',
}

function subjectKind(kind: string): string {
  return Object.hasOwn(subjectKindText, kind) ? subjectKindText[kind as keyof typeof subjectKindText] : words(kind)
}

function list(items: readonly string[]): string {
  return items.length === 0 ? 'nothing' : items.join(', ')
}
