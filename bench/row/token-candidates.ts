import { join } from 'node:path'
import { type CandidateSettings } from '../candidate/candidate-settings.ts'
import { benchNames } from '../fixture/bench-fixture.ts'
import { type Address, type LoadPlan } from '../load/load-plan.ts'
import { freshAddress } from '../measure/fresh-address.ts'
import { type Launch, type LoadedServer, measureLoadedServer } from '../measure/loaded-server.ts'
import { type BenchOptions, type Contestant } from './bench-row.ts'
import { proveStrangerIsRefused } from './probe.ts'
import { type CertificateRoad, proveOpaqueTokens, proveTokens, tokenPlan } from './token-load.ts'

/** Where a row loads its server otherwise than all rows do. */
export interface LoadChanges extends Partial<Pick<LoadedServer, 'cores' | 'loadCores' | 'firstAnswer'>> {
  readonly plan?: Partial<LoadPlan>
}

export interface TokenCandidate {
  readonly name: string
  readonly road: CertificateRoad
  readonly algorithm?: 'ES256' | 'RS256'
  readonly mode?: 'keep-alive' | 'connection-per-request'
  /** Processes that share the load; default 1. */
  readonly processes?: number
  readonly load?: LoadChanges
}

/** The bare server of candidate/limit-server.ts. It refuses nobody, so only its tokens are looked at. */
export function limitTokenServer(
  options: BenchOptions,
  candidate: TokenCandidate & { readonly variant?: 'token' | 'opaque' | 'no-tickets' },
): Contestant {
  const { variant = 'token' } = candidate
  return ownServer(options, candidate, { script: 'limit-server.js', variant })
}

/** oidc-provider, by SAN or by thumbprint. */
export function oidcProviderServer(
  options: BenchOptions,
  candidate: TokenCandidate & { readonly variant: 'san' | 'thumbprint' },
): Contestant {
  const { road, variant } = candidate
  const { clients, stranger, authority } = options.fixture
  // The usual glue leaves the chain to whoever ends TLS, and believes its verdict.
  const verdict: Readonly<Record<string, string>> = road === 'header' ? { 'X-SSL-Client-Verify': 'SUCCESS' } : {}
  return ownServer(options, candidate, {
    script: 'oidc-provider-server.js',
    variant,
    headers: verdict,
    proveRefusal: (address) =>
      proveStrangerIsRefused(
        address,
        clients[0]?.clientId ?? '',
        stranger,
        road === 'tls' ? authority.pem : undefined,
        verdict,
      ),
  })
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
    redirectUri: benchNames.redirectUri,
    subject: benchNames.subject,
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
  const file = join(options.scripts, 'candidate', script)
  const conditions = options.holdfast === 'source' ? ['--conditions=holdfast-source'] : []
  return { command: [process.execPath, ...conditions, file, JSON.stringify(whole)], addresses: [address] }
}

interface OwnServer {
  readonly script: string
  readonly variant: string
  readonly headers?: Readonly<Record<string, string>>
  readonly proveRefusal?: (address: Address) => Promise<void>
}

function ownServer(options: BenchOptions, candidate: TokenCandidate, server: OwnServer): Contestant {
  const { fixture } = options
  const { name, road, algorithm = 'ES256', mode = 'keep-alive', processes = 1, load } = candidate
  const { script, variant, headers = {}, proveRefusal } = server
  const headerText = Object.entries(headers).map(([header, value]) => `${header}: ${value}\r\n`)
  const signingKey = algorithm === 'ES256' ? fixture.es256 : fixture.rs256
  const settings = { road, variant, signingAlgorithm: algorithm, signingKey: signingKey.pem }
  return {
    name,
    run: () =>
      measureLoadedServer({
        ...load,
        name,
        folder: fixture.folder,
        launch: () => Promise.all(Array.from({ length: processes }, () => ownCandidate(options, script, settings))),
        plan: { ...tokenPlan(fixture, road, options, headerText.join('')), mode, ...load?.plan },
        prove: async (samples, { addresses: [address] }) => {
          if (variant === 'opaque') proveOpaqueTokens(samples)
          else proveTokens(samples, fixture.clients, algorithm, [signingKey.publicKey])
          if (address !== undefined) await proveRefusal?.(address)
        },
      }),
  }
}
