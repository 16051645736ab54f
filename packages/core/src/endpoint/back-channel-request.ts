import type { PresentedCertificate } from '../client-certificate/presented-certificate.ts'
import type { CertificateRefusal } from '../protocol-error/failure.ts'
import type { FormParameters } from './form-parameters.ts'

/** What a client sent to a back-channel endpoint: everything that the decision may depend on. */
export interface BackChannelRequest {
  /** From `parseFormParameters`. */
  readonly form: FormParameters
  /** The value of the one `Authorization` header. More than one: the rim refuses with `authorization_header_malformed`. */
  readonly authorization?: string | undefined
  readonly certificate?: PresentedCertificate | undefined
  /** Set when the edge would not take the certificate; the request is then refused. */
  readonly certificateRefusal?: CertificateRefusal | undefined
  /** The role of the host that was asked. Only a fact for the explanation: what counts is whether a certificate is there. */
  readonly role: 'main' | 'mtls'
  /** The rim's id of this request, when it has one; else one is made. */
  readonly correlationId?: string | undefined
}
