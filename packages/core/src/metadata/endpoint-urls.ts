/** The URLs of what this server offers, by their names in the metadata (RFC 8414 §2). */
export interface EndpointUrls {
  readonly token_endpoint: string
  readonly introspection_endpoint: string
  readonly revocation_endpoint: string
  readonly jwks_uri: string
}

/** The endpoints of an issuer: its identifier with a path behind it. */
export function endpointUrls(issuer: string): EndpointUrls {
  const base = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer
  return {
    token_endpoint: `${base}/token`,
    introspection_endpoint: `${base}/introspect`,
    revocation_endpoint: `${base}/revoke`,
    jwks_uri: `${base}/jwks`,
  }
}
