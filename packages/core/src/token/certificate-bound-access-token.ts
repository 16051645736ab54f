import { fail, ok, type Result } from '@holdfast/x509'
import type { PresentedCertificate } from '../client-certificate/presented-certificate.ts'
import type { Binding } from '../client-registration/registered-client.ts'
import type { CertificateFailure } from '../protocol-error/failure.ts'
import type { Confirmation } from './confirmation.ts'

/** The decided answer to the question whether a token is bound, without which none is made. */
export interface TokenBinding {
  /** `undefined` only for `off`, or for `if_present` when nothing was presented. */
  readonly confirmation: Confirmation | undefined
  readonly [proof]: 'decided'
}
declare const proof: unique symbol

/**
 * Decides to which certificate a token is bound: the one place where that is done, for every endpoint.
 *
 * RFC 8705 §3. Where binding is required, a request without certificate is refused: there is no falling back to a bearer
 * token. `role` is the role of the host that was asked, as a fact for the explanation.
 */
export function certificateBoundAccessToken(
  binding: Binding,
  presented: PresentedCertificate | undefined,
  role: string,
): Result<TokenBinding, CertificateFailure> {
  if (presented === undefined) {
    return binding === 'required' ? fail({ reason: 'binding_certificate_missing', role }) : ok(unbound)
  }
  if (binding === 'off') return ok(unbound)
  const confirmation: Confirmation = { 'x5t#S256': presented.thumbprint }
  return ok({ confirmation } as TokenBinding)
}

const unbound: TokenBinding = { confirmation: undefined } as TokenBinding
