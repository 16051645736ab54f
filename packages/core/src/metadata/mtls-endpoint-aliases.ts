/**
 * Computes the aliases of the endpoints at which a client presents its certificate.
 *
 * RFC 8705 §5: the same members as at top level, with URLs of the certificate host. `base` is what replaces the issuer's
 * origin: an own sub-domain, domain or port (`https://mtls.example.com`), or an own path (`https://example.com/mtls`).
 * `authorization_endpoint` and `end_session_endpoint` never have an alias, since browsers must not be asked for certificates
 * there; nor has anything that is not an endpoint.
 */
export function mtlsEndpointAliases(
  endpoints: Readonly<Record<string, string>>,
  base: string,
): Readonly<Record<string, string>> {
  const prefix = base.endsWith('/') ? base.slice(0, -1) : base
  return Object.fromEntries(
    Object.entries(endpoints)
      .filter(([name]) => name.endsWith('_endpoint') && !browserEndpoints.includes(name))
      .map(([name, url]) => [name, prefix + pathOf(url)]),
  )
}

function pathOf(url: string): string {
  const path = url.indexOf('/', url.indexOf('://') + 3)
  return path === -1 ? '/' : url.slice(path)
}

/** Where people come. */
const browserEndpoints: readonly string[] = ['authorization_endpoint', 'end_session_endpoint']
