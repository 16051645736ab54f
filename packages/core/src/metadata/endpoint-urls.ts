/** The URLs of what this server offers in any case, by their names in the metadata (RFC 8414 §2). */
export interface EndpointUrls {
  readonly token_endpoint: string
  readonly introspection_endpoint: string
  readonly revocation_endpoint: string
  readonly jwks_uri: string
}

/** What is there only when it is switched on (RFC 8414 §2, RFC 8628 §4, RFC 9126 §5, OpenID Connect Discovery §3, OpenID CIBA §4, RP-Initiated Logout §2.1). */
export type FurtherEndpoint = keyof typeof furtherPaths

/** The endpoints of an issuer: its identifier with a path behind it. */
export function endpointUrls(issuer: string): EndpointUrls {
  const base = baseOf(issuer)
  return {
    token_endpoint: `${base}/token`,
    introspection_endpoint: `${base}/introspect`,
    revocation_endpoint: `${base}/revoke`,
    jwks_uri: `${base}/jwks`,
  }
}

/** The same for what is switched on. */
export function furtherEndpointUrls(
  issuer: string,
  switchedOn: readonly FurtherEndpoint[],
): Readonly<Record<string, string>> {
  const base = baseOf(issuer)
  return Object.fromEntries(switchedOn.map((name) => [name, base + furtherPaths[name]]))
}

/** Which of them are found at these paths: the metadata names what is served, and nothing else. */
export function furtherEndpointsAt(paths: Iterable<string>): readonly FurtherEndpoint[] {
  const served = new Set(paths)
  return (Object.keys(furtherPaths) as FurtherEndpoint[]).filter((name) => served.has(furtherPaths[name]))
}

function baseOf(issuer: string): string {
  return issuer.endsWith('/') ? issuer.slice(0, -1) : issuer
}

const furtherPaths = {
  authorization_endpoint: '/authorize',
  pushed_authorization_request_endpoint: '/par',
  userinfo_endpoint: '/userinfo',
  registration_endpoint: '/register',
  device_authorization_endpoint: '/device_authorization',
  backchannel_authentication_endpoint: '/bc-authorize',
  end_session_endpoint: '/logout',
} as const
