import { fail, ok, type Result } from '@holdfast/x509'
import type { PresentedCertificate } from '../client-certificate/presented-certificate.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { ProvenKey } from '../dpop/proven-key.ts'
import type { CertificateFailure } from '../protocol-error/failure.ts'
import type { DpopFailure } from '../protocol-error/delegated-grant-failure.ts'
import type { Confirmation } from './confirmation.ts'

/** The decided answer to the question whether a token is bound, without which none is made. */
export interface TokenBinding {
  /** `undefined` only for `off`, or for `if_present` when nothing was presented. */
  readonly confirmation: Confirmation | undefined
  readonly [proof]: 'decided'
}
declare const proof: unique symbol

/**
 * Decides to what a token is bound: the one place where that is done, for every endpoint.
 *
 * RFC 8705 §3, RFC 9449 §5. Where binding is required, a request without certificate is refused: there is no falling back to
 * a bearer token. A certificate authenticates and DPoP binds when both come: whoever sends a proof wants that key.
 * `role` is the role of the host that was asked, as a fact for the explanation.
 */
export function tokenBinding(
  client: Pick<RegisteredClient, 'binding' | 'dpop'>,
  certificate: PresentedCertificate | undefined,
  key: ProvenKey | undefined,
  role: string,
): Result<TokenBinding, CertificateFailure | DpopFailure> {
  if (certificate === undefined && client.binding === 'required')
    return fail({ reason: 'binding_certificate_missing', role })
  if (key !== undefined) return ok({ confirmation: { jkt: key.thumbprint } } as TokenBinding)
  if (client.dpop === 'required') return fail({ reason: 'dpop_proof_missing' })
  if (certificate === undefined || client.binding === 'off') return ok(unbound)
  const confirmation: Confirmation = { 'x5t#S256': certificate.thumbprint }
  return ok({ confirmation } as TokenBinding)
}

const unbound: TokenBinding = { confirmation: undefined } as TokenBinding
