import { type BenchOptions, type BenchRow, type Target, cpuRatio, shareOfLimit, shareOfRate } from './bench-row.ts'
import { bareInserts } from './bare-inserts.ts'
import { holdfastServer } from './holdfast-candidates.ts'
import { limitTokenServer, oidcProviderServer } from './token-candidates.ts'

/** The token endpoint behind a proxy that writes the certificate into a header. */
export function tokenBehindHeader(options: BenchOptions): BenchRow {
  const road = 'header'
  return {
    id: 'token',
    title: 'token, certificate in a header, ES256',
    contestants: [
      limitTokenServer(options, { name: 'limit', road }),
      holdfastServer(options, { road }),
      oidcProviderServer(options, { name: 'oidc-provider by SAN', road, variant: 'san' }),
      oidcProviderServer(options, { name: 'oidc-provider by thumbprint', road, variant: 'thumbprint' }),
    ],
    targets: [timesOidcProvider(4.5), ofTheLimit('limit', 60, 80)],
  }
}

/** The token endpoint on a TLS connection of its own that stays open. */
export function tokenOwnTls(options: BenchOptions): BenchRow {
  const road = 'tls'
  return {
    id: 'tls',
    title: 'token, own TLS, connections kept alive, ES256',
    contestants: [
      limitTokenServer(options, { name: 'limit', road }),
      holdfastServer(options, { road }),
      oidcProviderServer(options, { name: 'oidc-provider by SAN', road, variant: 'san' }),
    ],
    targets: [timesOidcProvider(5), ofTheLimit('limit', undefined, 80)],
  }
}

/** A full handshake with a client certificate for every token. */
export function tokenNewHandshake(options: BenchOptions): BenchRow {
  const each = { road: 'tls', mode: 'connection-per-request' } as const
  return {
    id: 'handshake',
    title: 'token, new TLS handshake with a certificate for each, ES256',
    contestants: [
      limitTokenServer(options, { name: 'bare https', ...each }),
      limitTokenServer(options, { name: 'bare https without tickets', variant: 'no-tickets', ...each }),
      holdfastServer(options, each),
      oidcProviderServer(options, { name: 'oidc-provider by SAN', variant: 'san', ...each }),
    ],
    targets: [
      timesOidcProvider(1.3),
      ofTheLimit('bare https', 90, 98),
      ofTheLimit('bare https without tickets', undefined, undefined),
    ],
  }
}

/** As `token`, with an RSA key of 2048 bits. */
export function tokenRs256(options: BenchOptions): BenchRow {
  const each = { road: 'header', algorithm: 'RS256' } as const
  return {
    id: 'rs256',
    title: 'token, certificate in a header, RS256',
    contestants: [
      limitTokenServer(options, { name: 'limit', ...each }),
      holdfastServer(options, each),
      oidcProviderServer(options, { name: 'oidc-provider by SAN', variant: 'san', ...each }),
    ],
    targets: [ofTheLimit('limit', 85, 95)],
  }
}

/** Opaque tokens, each durable in SQLite before it is answered. */
export function tokenOpaque(options: BenchOptions): BenchRow {
  const road = 'header'
  return {
    id: 'opaque',
    mayWaitFor: 'disk',
    title: 'opaque token, certificate in a header, SQLite with WAL and synchronous = FULL',
    contestants: [
      bareInserts(options, 'bare inserts by 10', 10),
      bareInserts(options, 'bare inserts by 32', 32),
      limitTokenServer(options, { name: 'limit with inserts', road, variant: 'opaque' }),
      holdfastServer(options, { road, accessTokenFormat: 'opaque' }),
    ],
    targets: [
      {
        text: 'of the rows a second of bare inserts by 10',
        unit: '%',
        better: 'higher',
        mustReach: 60,
        aimAt: 80,
        value: shareOfRate('bare inserts by 10', 'holdfast'),
      },
      ofTheLimit('limit with inserts', undefined, undefined),
    ],
  }
}

function timesOidcProvider(mustReach: number): Target {
  return {
    text: 'oidc-provider by SAN',
    unit: '×',
    better: 'higher',
    mustReach,
    aimAt: mustReach,
    value: cpuRatio('oidc-provider by SAN', 'holdfast'),
  }
}

function ofTheLimit(limit: string, mustReach: number | undefined, aimAt: number | undefined): Target {
  return {
    text: `of ${limit}`,
    unit: '%',
    better: 'higher',
    ...(mustReach === undefined ? {} : { mustReach }),
    ...(aimAt === undefined ? {} : { aimAt }),
    value: shareOfLimit(limit, 'holdfast'),
  }
}
