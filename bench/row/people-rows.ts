import { spawnSync } from 'node:child_process'
import { benchNames } from '../fixture/bench-fixture.ts'
import { browse, hiddenFields } from '../measure/browse.ts'
import { type CandidateCommand } from '../measure/candidate-process.ts'
import { measureLoadedServer } from '../measure/loaded-server.ts'
import { type BenchOptions, type BenchRow, type Contestant, cpuRatio, rateRatio } from './bench-row.ts'
import { holdfastCommand, holdfastLaunch, publishedKeys } from './holdfast-candidates.ts'
import {
  type PeopleFlow,
  type PeopleSite,
  authorizationPath,
  peoplePlan,
  proveCodes,
  provePeople,
} from './people-load.ts'
import { ownCandidate } from './token-candidates.ts'
import { proveTokens } from './token-load.ts'

/** From a person who is logged in to tokens: the authorization request, then the code's redemption. */
export function codeFlow(options: BenchOptions): BenchRow {
  return peopleRow(options, 'code', {
    id: 'code-flow',
    title:
      'code flow: authorization request of a logged-in person, code, bound tokens (ES256), certificate in a header',
  })
}

/** A new access token and ID token for a refresh token of a confidential client. */
export function refreshTokens(options: BenchOptions): BenchRow {
  return peopleRow(options, 'refresh', {
    id: 'refresh',
    title: 'refresh: new bound tokens (ES256) for a refresh token, certificate in a header',
  })
}

function peopleRow(options: BenchOptions, flow: PeopleFlow, names: Pick<BenchRow, 'id' | 'title'>): BenchRow {
  return {
    ...names,
    mayWaitFor: 'disk',
    contestants: [holdfastWithPerson(options, flow), oidcProviderWithPerson(options, flow)],
    targets: [
      { text: 'oidc-provider, by CPU', unit: '×', better: 'higher', value: cpuRatio(peer, 'holdfast') },
      { text: 'oidc-provider, by rate', unit: '×', better: 'higher', value: rateRatio('holdfast', peer) },
    ],
  }
}

/** `holdfast serve`: everything it issues is durable in SQLite before it is answered. */
export function holdfastWithPerson(
  options: BenchOptions,
  flow: PeopleFlow,
  { name = 'holdfast', moreClients = 0 }: { readonly name?: string; readonly moreClients?: number } = {},
): Contestant {
  const { fixture } = options
  return {
    name,
    run: () =>
      measureLoadedServer({
        name,
        folder: fixture.folder,
        launch: async () => {
          const person = { username, passwordHash: passwordHash(options) }
          const launch = await holdfastLaunch(options, { road: 'header', person, moreClients })
          return [{ ...launch, loadAddresses: launch.addresses.toReversed() }]
        },
        plan: (command) => peoplePlan(options, flow, holdfastSite(command)),
        prove: async (samples, command) => {
          const site = holdfastSite(command)
          proveTokens(samples, fixture.clients, 'ES256', await publishedKeys(site.main, undefined), scopes)
          provePeople(samples, flow)
          await proveCodes(fixture, site)
        },
      }),
  }
}

function holdfastSite({ addresses: [mtls, main] }: Pick<CandidateCommand, 'addresses'>): PeopleSite {
  if (mtls === undefined || main === undefined) throw new Error('unreachable: two addresses were given')
  return {
    main,
    mtls,
    authorizationPath: '/authorize',
    headers: {},
    loggedIn: async () => {
      const browser = browse(main, benchNames.mainHost, {})
      const login = await browser.open('/account')
      await browser.post('/login', { ...hiddenFields(login), username, password })
      return browser
    },
  }
}

/** oidc-provider with its in-memory adapter, where a person is logged in by being asked. */
function oidcProviderWithPerson(options: BenchOptions, flow: PeopleFlow): Contestant {
  const { fixture } = options
  return {
    name: peer,
    run: () =>
      measureLoadedServer({
        name: peer,
        folder: fixture.folder,
        launch: async () => [
          await ownCandidate(options, 'oidc-provider-server.js', { road: 'header', variant: 'people' }),
        ],
        plan: (command) => peoplePlan(options, flow, oidcProviderSite(command)),
        prove: async (samples, command) => {
          proveTokens(samples, fixture.clients, 'ES256', [fixture.es256.publicKey], scopes)
          provePeople(samples, flow)
          await proveCodes(fixture, oidcProviderSite(command))
        },
      }),
  }
}

function oidcProviderSite({ addresses: [address] }: Pick<CandidateCommand, 'addresses'>): PeopleSite {
  if (address === undefined) throw new Error('unreachable: an address was given')
  const authorization = { authorizationPath: '/auth' }
  const headers = { 'X-Forwarded-Proto': 'https', 'X-SSL-Client-Verify': 'SUCCESS' }
  return {
    ...authorization,
    main: address,
    mtls: address,
    headers,
    loggedIn: async (clientId) => {
      const browser = browse(address, benchNames.mainHost, headers)
      await browser.open(authorizationPath(clientId, authorization))
      return browser
    },
  }
}

function passwordHash(options: BenchOptions): string {
  const [program = '', ...args] = holdfastCommand(options.holdfast)
  const { stdout, stderr } = spawnSync(program, [...args, 'user', 'hash'], { input: password, encoding: 'utf8' })
  if (!stdout.startsWith('$')) throw new Error(`no password hash: ${stdout}${stderr}`)
  return stdout.trim()
}

const peer = 'oidc-provider by SAN'
const username = 'ada'
const password = 'correct horse battery staple'
/** With a resource among several audiences, some servers leave the OpenID scopes to the ID token. */
const scopes = [benchNames.scope, `openid ${benchNames.scope}`]
