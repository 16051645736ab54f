/** Every default of the configuration, with its reason. */
export const defaults = {
  /** Bound tokens live short: revoking a certificate must not wait for hours where nobody introspects. */
  accessTokenLifetime: 300,
  /** FAPI 2.0 §5.3.2.1: no longer; a client that is alive redeems its code at once. */
  authorizationCodeLifetime: '60s',
  /** From the push to the page, by redirect: a slow telephone has done it by then. */
  pushedRequestLifetime: '90s',
  idTokenLifetime: '5m',
  /** A quarter: then the person is asked again. */
  authorizationLifetime: '90d',
  /** A month without the person: then the client asks again. */
  refreshTokenLifetime: '30d',
  /** A client that lost an answer asks again at once. */
  refreshTokenGrace: '30s',
  /** Long enough to find the other device and type eight letters. */
  deviceCodeLifetime: '10m',
  authenticationRequestLifetime: '5m',
  /** RFC 8628 §3.5: what clients assume that are told nothing. */
  pollInterval: '5s',
  /** Long enough to find the telephone and the reading glasses. */
  interactionTime: '30m',
  /** A quarter: often enough that rotation is a habit, rare enough that caches stay warm. */
  rotateEvery: '90d',
  /** Longer than any JWKS cache that follows our `max-age`. */
  publishBefore: '1h',
  /** Longer than the longest access token. */
  keepAfter: '1d',
  /** Embedded: a file beside the configuration, nothing to install. */
  storeUrl: 'sqlite:holdfast.db',
  /** As long as a caller waits gladly; then 503. */
  busyTimeout: '2s',
  /** Never on an address that strangers reach. `off` switches it off. */
  managementAddress: 'off',
  /** As long as putting a proxy right takes: the token is of no use afterwards. */
  doctorValidFor: '1h',
  /** Owner and group: the proxy's group may be set on the directory. */
  socketMode: '660',
  proxySecretHeader: 'Holdfast-Proxy-Secret',
  /** A form with a full client assertion (16 KB) fits four times. */
  bodyBytes: 65_536,
  connections: 10_000,
  /** Handshakes in flight at about 1 ms each: a second's worth of one core. */
  handshakes: 1_000,
  handshakesPerAddress: 100,
  handshakeTimeout: '10s',
  headersTimeout: '10s',
  requestTimeout: '30s',
  /** Longer than the idle time of common proxies (60 s), so that they close first. */
  keepAliveTimeout: '75s',
  /** A CA that is late is a CA that may hide a revocation. */
  revocationGrace: 0,
  /** No certificate is skipped unasked. */
  skipIfLifetimeBelow: 0,
  /** A CA may publish long before the end of its last CRL: this is how late we learn of it. */
  revocationRefresh: '10m',
  /** Half a million entries; larger ones must be allowed by name. */
  maximumCrlBytes: 20_971_520,
  /** CAs of workloads are replaced within a day or two; one that was given up must not vouch for longer. */
  spiffeBundleMaximumAge: '1d',
  /** About 200 MB of SQLite at worst; then refused, never forgotten early. */
  replayEntries: 1_000_000,
  /** Two generations of this many certificates, some 6 KB each. */
  cachedCertificates: 10_000,
} as const
