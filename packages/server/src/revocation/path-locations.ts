import { crlDistributionPoints, OCSP_ACCESS } from '@holdfast/x509'
import type { Certificate } from '@holdfast/x509'

/** The http and https URLs at which a certificate says that CRLs about it are, delta CRLs among them. RFC 5280 §4.2.1.13, §4.2.1.15. */
export function crlUrlsOf(certificate: Certificate): readonly string[] {
  const points = [
    ...(crlDistributionPoints(certificate, 'complete') ?? []),
    ...(crlDistributionPoints(certificate, 'delta') ?? []),
  ]
  const names = points.flatMap(({ name }) => (name?.kind === 'full' ? name.names : []))
  return webUrls(names.flatMap((name) => (name.kind === 'uri' ? [name.uri] : [])))
}

/** The http and https URLs of the responders that a certificate names. RFC 5280 §4.2.2.1. */
export function ocspUrlsOf({ authorityInformationAccess }: Certificate): readonly string[] {
  const locations = (authorityInformationAccess ?? []).filter(({ method }) => method === OCSP_ACCESS)
  return webUrls(locations.flatMap(({ location }) => (location.kind === 'uri' ? [location.uri] : [])))
}

/** Whether a URL leads to one of the hosts: `crl.example` for the scheme's own port, `crl.example:8080` for another one. */
export function leadsTo(url: string, hosts: readonly string[]): boolean {
  return hosts.includes(new URL(url).host)
}

function webUrls(urls: readonly string[]): readonly string[] {
  const web = urls.filter((url) => {
    const parsed = URL.parse(url)
    return parsed !== null && (parsed.protocol === 'http:' || parsed.protocol === 'https:') && parsed.username === ''
  })
  return [...new Set(web)].slice(0, maximumUrls)
}

/** Of one certificate. */
const maximumUrls = 4
