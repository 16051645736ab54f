import type { PresentedCertificate } from '../client-certificate/presented-certificate.ts'
import type { RegisteredClient, ReportOnlyRule } from '../client-registration/registered-client.ts'
import type { ProvenKey } from '../dpop/proven-key.ts'
import type { CertificateFailure, Failure } from '../protocol-error/failure.ts'
import type { DpopFailure } from '../protocol-error/delegated-grant-failure.ts'

/**
 * What a request would have been refused for by the rule of binding that its client tries out; `undefined` when it meets it.
 *
 * The rule never changes the answer: it shows which callers would be left behind by moving from bearer to bound tokens.
 */
export function reportOnlyRefusal(
  rule: ReportOnlyRule | undefined,
  certificate: PresentedCertificate | undefined,
  key: ProvenKey | undefined,
  role: string,
): CertificateFailure | DpopFailure | undefined {
  if (rule === undefined) return undefined
  if (rule === 'dpop_bound') return key === undefined ? { reason: 'dpop_proof_missing' } : undefined
  if (certificate !== undefined || (rule === 'bound' && key !== undefined)) return undefined
  return { reason: 'binding_certificate_missing', role }
}

/**
 * Whether the refusal of an access token that its client presents is only reported.
 *
 * Only that the token came without its certificate or key, or with another, and only while the registration does not demand
 * that binding: such a token could have been a bearer token. Nothing else about a token or its client is ever let through.
 */
export function isOnlyReported(
  { reportOnly, binding, dpop }: Pick<RegisteredClient, 'reportOnly' | 'binding' | 'dpop'>,
  { reason }: Failure,
): boolean {
  const rule = reportOnly?.binding
  if (rule === undefined || binding === 'required' || dpop === 'required') return false
  switch (reason) {
    case 'token_certificate_missing':
    case 'token_certificate_mismatch':
      return rule !== 'dpop_bound'
    case 'token_proof_missing':
    case 'token_key_mismatch':
      return rule !== 'certificate_bound'
    default:
      return false
  }
}
