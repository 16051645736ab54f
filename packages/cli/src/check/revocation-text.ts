import type { Configuration } from '@holdfast/server'

type Revocation = NonNullable<ReturnType<Configuration['trust']['get']>>['revocation']

/** Whom the server asks whether certificates are revoked, and what becomes of those about which nobody can tell. */
export function revocationText(revocation: Revocation): string {
  if (revocation === undefined) return 'nobody is asked whether certificates are revoked'
  const { crls, responders, distributionPoints, respondersFromCertificate, allowedHosts, mode } = revocation
  const hosts = allowedHosts.join(', ')
  const sources = [
    ...crls.map((location) => (location.kind === 'file' ? location.path : location.url)),
    ...(distributionPoints === 'follow' ? [`the CRLs that certificates name at ${hosts}`] : []),
    ...responders,
    ...(respondersFromCertificate === 'follow' ? [`the responders that certificates name at ${hosts}`] : []),
  ]
  const unknown = mode === 'hard' ? 'refused' : 'accepted'
  return `revoked are those of ${sources.join(', ')}; where nobody can tell, a certificate is ${unknown}`
}
