import type { Result } from '@holdfast/x509'
import type { PresentedCertificate } from '../client-certificate/presented-certificate.ts'
import type { CertificateRefusal, RequestFailure } from '../protocol-error/failure.ts'

/** What somebody sent to register a client, or to look after one. */
export interface ClientRegistrationRequest {
  /** The body, UTF-8, or why the rim would not read it; absent where the method has none. */
  readonly document?: Result<string, RequestFailure>
  readonly authorization?: string | readonly string[] | undefined
  readonly certificate?: PresentedCertificate | undefined
  readonly certificateRefusal?: CertificateRefusal | undefined
  readonly role: 'main' | 'mtls'
  readonly correlationId?: string | undefined
}
