import { join } from 'node:path'
import { type CandidateSettings } from '../candidate/candidate-settings.ts'
import { benchNames } from '../fixture/bench-fixture.ts'
import { type Address } from '../load/load-plan.ts'
import { freshAddress } from '../measure/fresh-address.ts'
import { type Launch, measureLoadedServer } from '../measure/loaded-server.ts'
import { type BenchOptions, type Contestant } from './bench-row.ts'
import { proveStrangerIsRefused } from './probe.ts'
import { type CertificateRoad, proveTokens, tokenPlan } from './token-load.ts'

export interface TokenCandidate {
  readonly name: string
  readonly road: CertificateRoad
  readonly algorithm?: 'ES256' | 'RS256'
  readonly mode?: 'keep-alive' | 'connection-per-request'
}

/** The bare server of candidate/limit-server.ts. It refuses nobody, so only its tokens are looked at. */
export function limitTokenServer(
  options: BenchOptions,
  candidate: TokenCandidate & { readonly variant?: string },
): Contestant {
  return ownServer(options, candidate, 'limit-server.ts', candidate.variant ?? 'token', '', async () => {})
}

/** oidc-provider, by SAN or by thumbprint. */
export function oidcProviderServer(
  options: BenchOptions,
  candidate: TokenCandidate & { readonly variant: 'san' | 'thumbprint' },
): Contestant {
  const verdict = candidate.road === 'header' ? { 'X-SSL-Client-Verify': 'SUCCESS' } : {}
  const text = Object.entries(verdict).map(([name, value]) => `${name}: ${value}\r\n`)
  const { fixture } = options
  return ownServer(options, candidate, 'oidc-provider-server.ts', candidate.variant, text.join(''), (address) =>
    proveStrangerIsRefused(
      address,
      fixture.clients[0]?.clientId ?? '',
      fixture.stranger,
      candidate.road === 'tls' ? fixture.authority.pem : undefined,
      verdict,
    ),
  )
}

/** The process of one of this folder's own candidates. */
export async function ownCandidate(
  options: BenchOptions,
  script: string,
  settings: Partial<CandidateSettings> & { readonly road: CertificateRoad },
): Promise<Launch> {
  const { fixture } = options
  const { road, ...rest } = settings
  const address = await freshAddress(fixture.folder, road === 'tls' ? 'tcp' : 'unix')
  const whole: CandidateSettings = {
    address,
    variant: '',
    issuer: benchNames.issuer,
    audience: benchNames.audience,
    scope: benchNames.scope,
    signingAlgorithm: 'ES256',
    signingKey: fixture.es256.pem,
    clients: fixture.clients.map(({ clientId, dnsName, certificate }) => ({ clientId, dnsName, certificate })),
    folder: fixture.folder,
    ...(road === 'tls'
      ? {
          tls: {
            certificate: fixture.server.certificate.pem,
            key: fixture.server.key.pem,
            authority: fixture.authority.pem,
          },
        }
      : {}),
    ...rest,
  }
  const file = join(import.meta.dirname, '../candidate', script)
  return { command: [process.execPath, file, JSON.stringify(whole)], addresses: [address] }
}

function ownServer(
  options: BenchOptions,
  candidate: TokenCandidate,
  script: string,
  variant: string,
  extraHeaders: string,
  proveRefusal: (address: Address) => Promise<void>,
): Contestant {
  const { fixture } = options
  const { name, road, algorithm = 'ES256', mode = 'keep-alive' } = candidate
  const signingKey = algorithm === 'ES256' ? fixture.es256 : fixture.rs256
  return {
    name,
    run: () =>
      measureLoadedServer({
        name,
        folder: fixture.folder,
        launch: async () => [
          await ownCandidate(options, script, {
            road,
            variant,
            signingAlgorithm: algorithm,
            signingKey: signingKey.pem,
          }),
        ],
        plan: { ...tokenPlan(fixture, road, options, extraHeaders), mode },
        prove: async (samples, { addresses: [address] }) => {
          if (variant !== 'opaque') proveTokens(samples, fixture.clients, algorithm, [signingKey.publicKey])
          if (address !== undefined) await proveRefusal(address)
        },
      }),
  }
}
