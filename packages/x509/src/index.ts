export { fail, ok, type Result } from './result.ts'
export { type DerFailure, DerReader, type DerReason } from './der/der-reader.ts'
export { encodeElement } from './der/encode-element.ts'
export { objectIdentifierOctets, objectIdentifierText } from './der/object-identifier.ts'
export { decodePem, encodePem, type PemFailure } from './pem.ts'
export type { Certificate, Extension } from './certificate/certificate.ts'
export { type CertificateSyntaxFailure, parseCertificate } from './certificate/parse-certificate.ts'
export type { SubjectPublicKey } from './key/subject-public-key.ts'
export type { SignatureAlgorithm } from './key/signature-algorithm.ts'
export type { AuthorityKeyIdentifier } from './extension/authority-key-identifier.ts'
export type { BasicConstraints } from './extension/basic-constraints.ts'
export type { PolicyConstraints, PolicyMapping } from './extension/certificate-policies.ts'
export type { KeyUsage } from './extension/key-usage.ts'
export type { NameConstraints } from './extension/name-constraints.ts'
export type { GeneralName } from './name/general-name.ts'
export type { AttributeTypeAndValue, DistinguishedName, RelativeDistinguishedName } from './name/distinguished-name.ts'
export { distinguishedNameMatch } from './name/distinguished-name-match.ts'
export { formatDistinguishedName, formatStrictName } from './name/format-distinguished-name.ts'
export {
  type NameSyntaxFailure,
  type NameSyntaxReason,
  parseDistinguishedName,
} from './name/parse-distinguished-name.ts'
export { formatIpAddress, type IpAddressFailure, parseIpAddress } from './name/ip-address.ts'
export { smtpUtf8Mailbox } from './name/smtp-utf8-mailbox.ts'
export { prepareString } from './name/prepare-string.ts'
export {
  type AnchorFailure,
  type AnchorList,
  type AnchorSet,
  type AnchorSetOptions,
  type AnchorSettings,
  type AnchorWarning,
  createAnchorSet,
} from './path/anchor-set.ts'
export type { CertificateProfile } from './path/certificate-profile.ts'
export type { AuthoritySource, CertificationAuthority } from './path/certification-authority.ts'
export { DEFAULT_KEY_RULES, type KeyRules } from './path/key-rules.ts'
export { createPathCache, type PathCache } from './path/path-cache.ts'
export type { BudgetName, KeyRule, PathFailure, ProfileRule } from './path/path-failure.ts'
export type { CandidateOutcome, PathTrace } from './path/path-trace.ts'
export { explainPath, type PathOptions, type ValidatedPath, validatePath } from './path/validate-path.ts'
export { formatGeneralName } from './name-constraint/check-name-constraints.ts'
export { exactNameMatch } from './name/exact-name-match.ts'
export {
  comparableSubjectAttribute,
  isSubjectAttribute,
  ORGANIZATION_IDENTIFIER,
  type ReadAttribute,
  readingOf,
  readRegisteredSubject,
  type RegisteredSubject,
  type RegisteredSubjectFailure,
  registeredTextOf,
  subjectAttributes,
  type SubjectWarning,
  subjectWarnings,
} from './subject/registered-subject.ts'
export {
  comparableSubjectAltName,
  comparableSubjectAltNames,
  type ExpectedSubjectAltName,
  isSubjectAltName,
  parseSubjectAltName,
  type SubjectAltNameFailure,
} from './subject/subject-alt-name-match.ts'
export { type AccessDescription, CA_ISSUERS_ACCESS, OCSP_ACCESS } from './extension/authority-information-access.ts'
export {
  crlDistributionPoints,
  type DistributionPoint,
  type DistributionPointName,
} from './extension/crl-distribution-points.ts'
export type {
  CertificateRevocationList,
  CrlFlaw,
  IssuingDistributionPoint,
} from './revocation/certificate-revocation-list.ts'
export { type CrlSignature, verifyCrlSignature } from './revocation/verify-crl-signature.ts'
export {
  type CrlSyntaxFailure,
  parseCertificateRevocationList,
} from './revocation/parse-certificate-revocation-list.ts'
export {
  type CertificateStatus,
  checkRevocation,
  type RevocationEvidence,
  type RevocationOptions,
  type RevocationStatus,
} from './revocation/check-revocation.ts'
export type {
  RevocationFailure,
  RevocationProblem,
  RevocationReason as CertificateRevocationReason,
} from './revocation/revocation-failure.ts'
export { encodeOcspRequest } from './revocation/encode-ocsp-request.ts'
export {
  type OcspResponse,
  type OcspSingleResponse,
  type OcspSyntaxFailure,
  parseOcspResponse,
} from './revocation/parse-ocsp-response.ts'
export { createPathResultCache, type PathResultCache } from './path/path-result-cache.ts'
export {
  type ExpectedSpiffeId,
  isTrustDomain,
  parseExpectedSpiffeId,
  parseSpiffeId,
  type SpiffeId,
  type SpiffeIdFailure,
  spiffeIdMatch,
} from './spiffe/spiffe-id.ts'
export { type SvidFailure, x509Svid } from './spiffe/x509-svid.ts'
export {
  type IgnoredEntry,
  mayReplaceSpiffeBundle,
  parseSpiffeBundle,
  type SpiffeBundle,
  type SpiffeBundleFailure,
  spiffeBundleState,
} from './spiffe/spiffe-bundle.ts'
export {
  isPsd2Role,
  PSD2_ROLES,
  type Psd2Role,
  type Psd2Statement,
  type QcStatements,
  qcStatements,
  type QcStatementsFailure,
} from './qualified/qc-statements.ts'
export { type OrganizationIdentifier, organizationIdentifier } from './qualified/organization-identifier.ts'
