import type { Certificate, CertificateSyntaxFailure, Result } from '@holdfast/x509'
import type { PresentedCertificate } from '../client-certificate/presented-certificate.ts'

export interface CertificateReader {
  /** The leaf, parsed once per thumbprint. The cache is bounded and holds facts, never decisions. */
  leaf(presented: PresentedCertificate): Result<Certificate, CertificateSyntaxFailure>
  /** The further certificates that can be parsed, in the order sent. */
  chain(presented: PresentedCertificate): readonly Certificate[]
}
