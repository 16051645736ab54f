import type { PresentedCertificate } from '../client-certificate/presented-certificate.ts'
import type { ReportOnlyRule } from '../client-registration/registered-client.ts'
import type { ProvenKey } from '../dpop/proven-key.ts'
import type { CertificateFailure } from '../protocol-error/failure.ts'
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
