import { type FixtureClient, benchNames } from '../fixture/bench-fixture.ts'
import { type LoadPlan, type ResponseSample } from '../load/load-plan.ts'
import { type Address } from '../load/load-plan.ts'
import { type Launch, measureLoadedServer } from '../measure/loaded-server.ts'
import { type BenchOptions, type Contestant } from './bench-row.ts'
import { probe } from './probe.ts'
import { ownCandidate } from './token-candidates.ts'

/** The tokens of a guard's load: one a client, again and again, or each once. */
export type GuardTokens =
  | { readonly kind: 'known'; readonly tokens: readonly string[] }
  | { readonly kind: 'fresh'; readonly file: () => string; readonly aToken: string }

/** One of this folder's guards on `GET /api`, the certificate in nginx's header. */
export function ownGuard(
  options: BenchOptions,
  guard: { readonly name: string; readonly script: string; readonly checks: 'all' | 'nothing' },
  tokens: GuardTokens,
): Contestant {
  return guardContestant(options, guard.name, guard.checks, tokens, () =>
    ownCandidate(options, guard.script, { road: 'header' }),
  )
}

export function guardContestant(
  options: BenchOptions,
  name: string,
  checks: 'all' | 'nothing',
  tokens: GuardTokens,
  launch: () => Promise<Launch>,
): Contestant {
  const { fixture } = options
  return {
    name,
    run: () =>
      measureLoadedServer({
        name,
        folder: fixture.folder,
        launch: async () => [await launch()],
        plan: guardPlan(options, tokens),
        prove: async (samples, { addresses: [address] }) => {
          if (checks === 'nothing' || address === undefined) return
          proveAnswers(samples, fixture.clients)
          await proveThiefIsRefused(address, aToken(tokens), fixture.stranger)
        },
      }),
  }
}

function guardPlan(options: BenchOptions, tokens: GuardTokens): Omit<LoadPlan, 'addresses' | 'processes'> {
  const { fixture, warmMilliseconds, measureMilliseconds } = options
  return {
    warmMilliseconds,
    measureMilliseconds,
    mode: 'keep-alive',
    connections: 32,
    polling: 'busy',
    expectedStatus: 200,
    ...(tokens.kind === 'fresh' ? { tokenFile: tokens.file() } : {}),
    clients: fixture.clients.map(({ clientId, thumbprint, escapedPem }, at) => ({
      clientId,
      thumbprint,
      request: {
        before:
          `GET /api HTTP/1.1\r\nHost: ${benchNames.apiHost}\r\nAccept: application/json\r\n` +
          `X-SSL-CERT: ${escapedPem}\r\nAuthorization: Bearer ${tokens.kind === 'known' ? (tokens.tokens[at] ?? '') : ''}`,
        after: '\r\n\r\n',
      },
    })),
  }
}

function aToken(tokens: GuardTokens): string {
  return tokens.kind === 'known' ? (tokens.tokens[0] ?? '') : tokens.aToken
}

function proveAnswers(samples: readonly ResponseSample[], clients: readonly FixtureClient[]): void {
  if (samples.length === 0) throw new Error('no answer was sampled')
  for (const { client, body } of samples) {
    const { client_id: answered } = JSON.parse(body) as { readonly client_id?: string }
    if (answered !== clients[client]?.clientId)
      throw new Error(`${clients[client]?.clientId} was taken for ${answered}`)
  }
}

/** The first client's token with another's certificate, with none, and with a broken signature. */
async function proveThiefIsRefused(address: Address, token: string, thief: FixtureClient): Promise<void> {
  const dot = token.lastIndexOf('.') + 1
  const forged = token.slice(0, dot) + (token[dot] === 'A' ? 'B' : 'A') + token.slice(dot + 1)
  for (const headers of [
    { authorization: `Bearer ${token}`, 'x-ssl-cert': thief.escapedPem },
    { authorization: `Bearer ${token}` },
    { authorization: `Bearer ${forged}`, 'x-ssl-cert': thief.escapedPem },
    { 'x-ssl-cert': thief.escapedPem },
  ]) {
    const { status, body } = await probe(address, { path: '/api', host: benchNames.apiHost, headers })
    if (status < 400 || status >= 500) throw new Error(`a thief was answered ${status} ${body}`)
  }
}
