import {
  type Certificate,
  comparableSubjectAltNames,
  comparableSubjectAttribute,
  fail,
  ok,
  ORGANIZATION_IDENTIFIER,
  type Psd2Statement,
  qcStatements,
  type Result,
  type SpiffeId,
  type SvidFailure,
  x509Svid,
} from '@holdfast/x509'

/** Whom a certificate names, in the forms in which registrations are compared with it: read once for each certificate. */
export interface CertificateIdentity {
  /** See `comparableSubjectAltName`. */
  readonly alternativeNames: ReadonlySet<string>
  /** organizationIdentifier, prepared for comparison; `undefined` when there is none, or more than one. */
  readonly organization: string | undefined
  readonly svid: Result<SpiffeId, SvidFailure>
  /** What a payment service provider may do, or why the certificate says nothing about it. */
  readonly psd2: Result<Psd2Statement, Psd2Absence>
}

export interface Psd2Absence {
  readonly reason:
    'qc_statements_missing' | 'qc_statements_malformed' | 'certificate_not_for_web' | 'psd2_statement_missing'
}

/** Reads the names of a leaf, its SPIFFE ID and its PSD2 statement. Says nothing about trust. */
export function certificateIdentity(leaf: Certificate): CertificateIdentity {
  return {
    alternativeNames: comparableSubjectAltNames(leaf),
    organization: comparableSubjectAttribute(leaf, ORGANIZATION_IDENTIFIER),
    svid: x509Svid(leaf),
    psd2: psd2Statement(leaf),
  }
}

/** ETSI TS 119 495 §5.1: the statement counts in a certificate for web site authentication. */
function psd2Statement(leaf: Certificate): Result<Psd2Statement, Psd2Absence> {
  const read = qcStatements(leaf)
  if (!read.ok) return fail({ reason: 'qc_statements_malformed' })
  if (read.value === undefined) return fail({ reason: 'qc_statements_missing' })
  const { types, psd2 } = read.value
  if (!types.includes('web')) return fail({ reason: 'certificate_not_for_web' })
  return psd2 === undefined ? fail({ reason: 'psd2_statement_missing' }) : ok(psd2)
}
