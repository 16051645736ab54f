import { ok } from '@holdfast/core'
import type { Explainer } from '@holdfast/server/operate'
import type { Arrived } from './arrived-certificate.ts'

/** The request that is explained: a client asks for a token of its own, on the host that takes certificates. */
export function question(clientId: string, { certificate, refusal }: Arrived): Parameters<Explainer['explain']>[0] {
  const parameters = [
    ['grant_type', 'client_credentials'],
    ['client_id', clientId],
  ] as const
  return { form: ok(new Map(parameters)), certificate, certificateRefusal: refusal, role: 'mtls' }
}
