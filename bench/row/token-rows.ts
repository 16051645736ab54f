import { type BenchOptions, type BenchRow, cpuRatio, shareOfLimit } from './bench-row.ts'
import { limitTokenServer, oidcProviderServer } from './token-candidates.ts'

/** The token endpoint behind a proxy that writes the certificate into a header. */
export function tokenBehindHeader(options: BenchOptions): BenchRow {
  const road = 'header'
  return {
    id: 'token',
    title: 'token, certificate in a header, ES256',
    contestants: [
      limitTokenServer(options, { name: 'limit', road }),
      oidcProviderServer(options, { name: 'oidc-provider, SAN', road, variant: 'san' }),
      oidcProviderServer(options, { name: 'oidc-provider, thumbprint', road, variant: 'thumbprint' }),
    ],
    targets: [
      {
        text: '× oidc-provider by SAN',
        unit: '×',
        better: 'higher',
        mustReach: 4.5,
        aimAt: 4.5,
        value: cpuRatio('oidc-provider, SAN', 'holdfast'),
      },
      {
        text: 'of the limit',
        unit: '%',
        better: 'higher',
        mustReach: 60,
        aimAt: 80,
        value: shareOfLimit('limit', 'holdfast'),
      },
    ],
  }
}
