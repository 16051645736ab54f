export { fail, ok, type Result } from './result.ts'

export { issueCertificate, type CertificateSigner, type CertificateTemplate } from './issue/issue-certificate.ts'
export type { SignatureScheme, SigningKey } from './issue/signature-writer.ts'
export type { AttributeTemplate, NameTemplate } from './issue/name-template.ts'
export type { GeneralNameTemplate } from './issue/general-name-template.ts'
export {
  authorityInformationAccessExtension,
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  certificatePoliciesExtension,
  crlDistributionPointsExtension,
  extendedKeyUsageExtension,
  freshestCrlExtension,
  inhibitAnyPolicyExtension,
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
} from './issue/certificate-extension.ts'
