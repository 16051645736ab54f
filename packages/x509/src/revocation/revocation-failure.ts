/** Why the revocation check ends a path. `index` counts from the leaf, which is 0. */
export type RevocationFailure =
  | {
      readonly reason: 'certificate_revoked'
      readonly index: number
      /** Epoch seconds. */
      readonly revokedAt: number
      readonly revocationReason: RevocationReason
      readonly source: 'crl' | 'ocsp'
      /** Where that CRL or OCSP response was had from, when that was said. */
      readonly origin?: string
    }
  | { readonly reason: 'revocation_unknown'; readonly index: number; readonly problems: readonly RevocationProblem[] }

/** RFC 5280 §5.3.1. */
export type RevocationReason =
  | 'unspecified'
  | 'keyCompromise'
  | 'cACompromise'
  | 'affiliationChanged'
  | 'superseded'
  | 'cessationOfOperation'
  | 'certificateHold'
  | 'removeFromCRL'
  | 'privilegeWithdrawn'
  | 'aACompromise'

/** Why one CRL or OCSP response does not tell whether a certificate is revoked. */
export type RevocationProblem =
  | 'no_information'
  | 'distribution_points_malformed'
  | 'crl_unusable'
  | 'crl_number_missing'
  | 'crl_not_yet_valid'
  | 'crl_expired'
  | 'crl_without_next_update'
  | 'crl_scope_differs'
  | 'crl_signer_unknown'
  | 'crl_signature_invalid'
  | 'crl_signer_not_trusted'
  | 'reasons_not_covered'
  | 'ocsp_not_successful'
  | 'ocsp_certificate_not_covered'
  | 'ocsp_status_unknown'
  | 'ocsp_not_yet_valid'
  | 'ocsp_expired'
  | 'ocsp_too_old'
  | 'ocsp_responder_unknown'
  | 'ocsp_responder_not_authorized'
  | 'ocsp_signature_invalid'
  | 'ocsp_signature_algorithm_not_allowed'
  | 'budget_exceeded'

/** The name of a CRLReason. */
export function revocationReason(code: number): RevocationReason {
  return REASONS[code] ?? 'unspecified'
}

const REASONS: readonly RevocationReason[] = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'unspecified',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
]
