import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { EncryptionOffer } from './encryption-metadata.ts'
import type { MetadataProblems } from './metadata-problem.ts'
import type { RegisteredClient } from './registered-client.ts'

/** What of a server a registration leans on. */
export interface ServerFacts {
  /** Whether any host asks clients for their certificates. */
  readonly certificateHost: 'served' | 'missing'
  readonly dpop: 'offered' | 'off'
  /** What it signs with. */
  readonly signingAlgorithms: readonly JwsAlgorithm[]
  readonly encryption: EncryptionOffer
}

/** Reports what a client could register and never get from this server. */
export function serverDemands(
  client: Pick<RegisteredClient, 'binding' | 'dpop' | 'delegation' | 'reportOnly'> & {
    readonly authentication: Pick<RegisteredClient['authentication'], 'method'> | undefined
  },
  { certificateHost, dpop, signingAlgorithms }: ServerFacts,
  problems: MetadataProblems,
): void {
  const method = client.authentication?.method
  const byCertificate = method === 'tls_client_auth' || method === 'self_signed_tls_client_auth'
  if ((byCertificate || client.binding === 'required') && certificateHost === 'missing') {
    const who = byCertificate ? method : 'a client with bound tokens'
    problems.add('', `${who} needs a host of role mtls`, 'add one to hosts')
  }
  if (client.reportOnly?.authentication !== undefined && certificateHost === 'missing') {
    problems.add('report_only_authentication', 'it needs a host of role mtls', 'add one to hosts')
  }
  if (client.dpop === 'required' && dpop === 'off') {
    problems.add('dpop_bound_access_tokens', 'tokens.dpop is off', 'switch it on, or leave this out')
  }
  for (const [member, algorithm] of [
    ['userinfo_signed_response_alg', client.delegation?.userinfoAlgorithm],
    ['introspection_signed_response_alg', client.delegation?.introspectionAlgorithm],
  ] as const) {
    if (algorithm === undefined || signingAlgorithms.includes(algorithm)) continue
    const ours = signingAlgorithms.join(', ')
    problems.add(member, `this server signs with ${ours}`, ours)
  }
}
