import type { Result } from '@holdfast/x509'
import type { PresentedCertificate } from '../client-certificate/presented-certificate.ts'
import type { CertificateRefusal, RequestFailure } from '../protocol-error/failure.ts'
import type { FormParameters } from './form-parameters.ts'

/** What a client sent to a back-channel endpoint: everything that the decision may depend on. */
export interface BackChannelRequest {
  /** What `parseFormParameters` answered, or why the rim would not read the body at all: the endpoint tells and records it. */
  readonly form: Result<FormParameters, RequestFailure>
  /** The values of the `Authorization` headers, when there are any. */
  readonly authorization?: string | readonly string[] | undefined
  readonly certificate?: PresentedCertificate | undefined
  /** Set when the edge would not take the certificate; the request is then refused. */
  readonly certificateRefusal?: CertificateRefusal | undefined
  /** The value of the `DPoP` header; several joined by commas, as HTTP has it. */
  readonly dpop?: string | undefined
  /** The value of the `Accept` header. */
  readonly accept?: string | undefined
  /** The role of the host that was asked. Only a fact for the explanation: what counts is whether a certificate is there. */
  readonly role: 'main' | 'mtls'
  /** The rim's id of this request, when it has one; else one is made. */
  readonly correlationId?: string | undefined
}
