import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type BenchFixture, benchNames } from '../fixture/bench-fixture.ts'
import { type HoldfastSetup, holdfastConfiguration } from '../fixture/holdfast-configuration.ts'
import { type Address, type ResponseSample } from '../load/load-plan.ts'
import { freshAddress } from '../measure/fresh-address.ts'
import { type Launch, measureLoadedServer } from '../measure/loaded-server.ts'
import { type BenchOptions, type Contestant } from './bench-row.ts'
import { probe, proveStrangerIsRefused } from './probe.ts'
import { type TokenCandidate } from './token-candidates.ts'
import { type PublicJwk, proveOpaqueTokens, proveTokens, tokenPlan } from './token-load.ts'

export interface HoldfastCandidate
  extends Omit<HoldfastSetup, 'addresses' | 'workers'>, Omit<TokenCandidate, 'name' | 'algorithm'> {
  readonly name?: string
}

/** `holdfast serve` from a `holdfast.yaml`. */
export function holdfastServer(options: BenchOptions, candidate: HoldfastCandidate): Contestant {
  const { fixture } = options
  const { name = 'holdfast', road, mode = 'keep-alive', load } = candidate
  return {
    name,
    run: () =>
      measureLoadedServer({
        ...load,
        name,
        folder: fixture.folder,
        launch: async () => [await holdfastLaunch(options, candidate)],
        plan: { ...tokenPlan(fixture, road, options), mode, ...load?.plan },
        prove: (samples, { addresses: [mtls, main] }) => {
          if (mtls === undefined || main === undefined) throw new Error('unreachable: two addresses were given')
          return proveHoldfast(fixture, candidate, samples, mtls, main)
        },
      }),
  }
}

/** The command. Its first address is for certificates and takes the load, its second for people. */
export async function holdfastLaunch(options: BenchOptions, candidate: HoldfastCandidate): Promise<Launch> {
  const { fixture, holdfast } = options
  const { road, processes: workers } = candidate
  const mtls = await freshAddress(fixture.folder, road === 'tls' ? 'tcp' : 'unix')
  const main = road === 'tls' ? mtls : await freshAddress(fixture.folder, 'unix')
  const addresses: HoldfastSetup['addresses'] =
    road === 'tls' ? { kind: 'own-tls', address: mtls } : { kind: 'behind-nginx', main, mtls }
  const file = holdfastConfiguration(fixture, {
    ...candidate,
    addresses,
    ...(workers === undefined ? {} : { workers }),
  })
  return {
    command: [...holdfastCommand(holdfast), 'serve', '--config', file],
    addresses: [mtls, main],
    loadAddresses: [mtls],
  }
}

/** Compiled, as a user of the package has it, or the sources of the workspace. */
export function holdfastCommand(form: BenchOptions['holdfast']): readonly string[] {
  const cli = join(import.meta.dirname, '../../packages/cli')
  const main = form === 'built' ? join(cli, 'dist/bundle/main.js') : join(cli, 'src/main.ts')
  if (!existsSync(main)) throw new Error(`${main} is not there: run npm run build`)
  return [process.execPath, ...(form === 'source' ? ['--conditions=holdfast-source'] : []), main]
}

async function proveHoldfast(
  fixture: BenchFixture,
  candidate: HoldfastCandidate,
  samples: readonly ResponseSample[],
  mtls: Address,
  main: Address,
): Promise<void> {
  const authority = candidate.road === 'tls' ? fixture.authority.pem : undefined
  if (candidate.accessTokenFormat === 'opaque') proveOpaqueTokens(samples)
  else {
    const { algorithm = 'ES256' } = candidate
    proveTokens(samples, fixture.clients, algorithm, await publishedKeys(main, authority))
  }
  await proveStrangerIsRefused(mtls, fixture.clients[0]?.clientId ?? '', fixture.stranger, authority)
}

export async function publishedKeys(main: Address, authority: string | undefined): Promise<readonly PublicJwk[]> {
  const { status, body } = await probe(main, {
    path: '/jwks',
    host: benchNames.mainHost,
    ...(authority === undefined ? {} : { tls: { authority } }),
  })
  if (status !== 200) throw new Error(`no keys: ${status} ${body}`)
  return (JSON.parse(body) as { readonly keys: readonly PublicJwk[] }).keys
}
