/** The signature algorithms that are made and accepted: asymmetric, and none that is known to be weak (RFC 7518 §3.1, RFC 8037 §3.1). */
export type JwsAlgorithm = 'ES256' | 'EdDSA' | 'PS256' | 'RS256'

/** All of {@link JwsAlgorithm}, the preferred first. */
export const jwsAlgorithms: readonly JwsAlgorithm[] = ['ES256', 'EdDSA', 'PS256', 'RS256']

export function isJwsAlgorithm(value: unknown): value is JwsAlgorithm {
  return value === 'ES256' || value === 'EdDSA' || value === 'PS256' || value === 'RS256'
}
