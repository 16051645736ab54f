export { issueCertificate, type CertificateSigner, type CertificateTemplate } from './issue-certificate.ts'
export { badCertificateKinds, issueBadCertificate, type BadCertificateKind } from './issue-bad-certificate.ts'
export {
  issueCertificateList,
  type CertificateListTemplate,
  type RevokedCertificateTemplate,
} from './issue-certificate-list.ts'
export {
  issueOcspResponse,
  ocspErrorResponse,
  type CertificateIdTemplate,
  type OcspErrorStatus,
  type OcspResponseTemplate,
  type SingleResponseTemplate,
} from './issue-ocsp-response.ts'
export {
  isAboutIssuer,
  parseOcspRequest,
  type OcspRequest,
  type OcspRequestSyntaxFailure,
  type RequestedStatus,
} from './parse-ocsp-request.ts'
export { encodePkcs12, type Pkcs12Content } from './encode-pkcs12.ts'
export type { SignatureScheme, SigningKey } from './signature-writer.ts'
export { nameTemplateOf, type AttributeTemplate, type NameTemplate } from './name-template.ts'
export type { GeneralNameTemplate } from './general-name-template.ts'
export {
  authorityInformationAccessExtension,
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  certificateIssuerExtension,
  certificatePoliciesExtension,
  crlDistributionPointsExtension,
  extendedKeyUsageExtension,
  freshestCrlExtension,
  inhibitAnyPolicyExtension,
  invalidityDateExtension,
  issuerAltNameExtension,
  issuingDistributionPointExtension,
  keyIdentifierOf,
  keyUsageExtension,
  nameConstraintsExtension,
  noRevocationAvailableExtension,
  ocspNoCheckExtension,
  policyConstraintsExtension,
  policyMappingsExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
  type DistributionPointTemplate,
  type ExtensionTemplate,
  type KeyPurpose,
  type KeyUsageName,
  type PolicyTemplate,
  type RevocationReason,
} from './certificate-extension.ts'
export { qcStatementsExtension, type QcStatementsTemplate } from './qc-statements-extension.ts'
