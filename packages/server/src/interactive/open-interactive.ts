import type {
  AuthorizationEndpoint,
  AuthorizationServerSettings,
  ClientAuthenticationPorts,
  ClientStore,
  UserinfoEndpoint,
} from '@holdfast/core'
import type { Configuration } from '../config/configuration.ts'
import type { Endpoints } from '../http/endpoints.ts'
import type { Route } from '../http/routes.ts'
import { registrationRoutes } from '../http/serve-registration.ts'
import { userinfoRoute } from '../http/userinfo-exchange.ts'
import { jsonOf } from '../jwks-uri/fetch-json.ts'
import type { FetchText } from '../jwks-uri/fetch-text.ts'
import { createSecretVerifier } from '../client-secret/create-secret-verifier.ts'
import type { MasterKey } from '../keys/master-key.ts'
import type { Log } from '../log/create-log.ts'
import type { ConfiguredPorts, StandingPorts } from '../live-settings.ts'
import { mtlsBase } from '../metadata-settings.ts'
import { openRegistration, type Registration } from '../registration/open-registration.ts'
import { storedClients } from '../registration/stored-clients.ts'
import type { PeopleStores, Store } from '../store/store.ts'
import { createAuthorization } from './authorization.ts'
import { startLogoutDelivery } from '../people/logout-delivery.ts'
import type { LogoutMessage } from '../people/logout-delivery.ts'
import type { CibaPing } from './ciba-ping.ts'
import { createGrants } from './grants.ts'
import { openPeople } from './open-people.ts'
import type { PostForm } from './post-form.ts'
import { personHints } from './person-hints.ts'

/** What a server of people has beside one of machines. Loaded only when the configuration asks for it. */
export interface Interactive {
  /** Ends what goes on in the background. */
  close(): void
  /** By host role and path. */
  readonly routes: { readonly [Role in 'main' | 'mtls']: Readonly<Record<string, Route>> }
  /** All that is found on the host where people are asked for certificates. */
  readonly asking: Readonly<Record<string, Route>>
  /** Makes the ways to log in of another version of the configuration ready; the answer switches over to them. */
  prepareWays(configuration: Configuration): Promise<() => void>
  /** The endpoints of one version of the configuration, those of every server among them. */
  version(
    configuration: Configuration,
    ports: ConfiguredPorts,
    settings: AuthorizationServerSettings,
  ): InteractiveVersion
}

/** What a reload replaces. */
export interface InteractiveVersion {
  readonly endpoints: Endpoints
  readonly authorization: AuthorizationEndpoint
  readonly userinfo: UserinfoEndpoint
  readonly clients: ClientStore
  readonly ports: ClientAuthenticationPorts
  /** `undefined`: clients do not register themselves. */
  readonly registration: Registration | undefined
}

export interface InteractiveBasis {
  /** As they are now. */
  readonly configuration: () => Configuration
  readonly version: () => InteractiveVersion | undefined
  readonly store: Store
  readonly standing: StandingPorts
  readonly masterKeys: readonly MasterKey[]
  readonly fetchText: FetchText
  readonly ping: CibaPing
  readonly post: PostForm
  readonly log: Log
}

/** Puts together what people need: pages, their logins, and the endpoints behind which clients act for them. */
export async function openInteractive(basis: InteractiveBasis): Promise<Interactive> {
  const { standing, store, configuration } = basis
  const stores = await store.people()
  const delivery = startLogoutDelivery(configuration().issuer, {
    ...standing,
    outbox: stores.outbox<LogoutMessage>('logout'),
    clients: () => basis.version()?.clients ?? noClients,
    post: basis.post,
    log: basis.log,
  })
  const people = await openPeople({
    configuration,
    clients: () => basis.version()?.clients ?? noClients,
    authorization: () => basis.version()?.authorization,
    masterKeys: basis.masterKeys,
    stores,
    replays: standing.replays,
    secrets: createSecretVerifier('forgotten'),
    verifier: standing.verifier,
    assertions: standing.assertions,
    trust: () => basis.version()?.ports,
    random: { ...standing.random, ...standing.opaqueTokens },
    clock: standing.clock,
    log: basis.log,
    audit: standing.audit,
    tellLogout: delivery.tell,
    decided: async (_digest, record) =>
      basis.log.clientPinged({ clientId: record.clientId, outcome: await basis.ping(record) }),
  })
  const form = (endpoint: keyof Endpoints): Route => ({ endpoint, methods: { POST: { kind: 'form', endpoint } } })
  const backChannel = {
    '/par': form('pushed_authorization_request'),
    '/userinfo': userinfoRoute(
      () => basis.version()?.userinfo,
      () => configuration().profile,
    ),
    '/device_authorization': form('device_authorization'),
    '/bc-authorize': form('backchannel_authentication'),
  }
  const registering =
    configuration().registration?.endpoint === 'on' ? registrationRoutes(() => basis.version()?.registration) : {}
  return {
    close: delivery.close,
    routes: {
      main: { ...backChannel, ...registering, ...people.backChannel, ...people.routes },
      mtls: { ...backChannel, ...registering, ...people.backChannel },
    },
    asking: people.asking,
    prepareWays: people.prepare,
    version: (now, configured, settings) => {
      const { ports, registration } = withRegistration(now, configured, stores, basis)
      const { authorization, pushed } = createAuthorization(now, settings, ports, stores, basis.fetchText)
      const { endpoints, userinfo } = createGrants(now, ports, settings, stores, {
        ...people.claims,
        ...personHints(people.claims),
      })
      const { clients } = ports
      return {
        authorization,
        userinfo,
        clients,
        ports,
        registration,
        endpoints: { ...endpoints, pushed_authorization_request: pushed },
      }
    },
  }
}

/** Lets the clients that registered themselves be found like the others, and makes the endpoints where they do it. */
function withRegistration(
  configuration: Configuration,
  configured: ConfiguredPorts,
  stores: PeopleStores,
  { fetchText, log }: Pick<InteractiveBasis, 'fetchText' | 'log'>,
): { readonly ports: typeof configured; readonly registration: Registration | undefined } {
  if (configuration.registration === undefined) return { ports: configured, registration: undefined }
  const { policy, rules } = configuration.registration
  const lenient = { ...rules, unknownMembers: 'ignore' as const }
  const clients = storedClients(configuration.clients, stores.clients, lenient, (clientId, problems) =>
    log.storedClientUnfit({ clientId, problems: problems.map(({ path, problem }) => `${path}: ${problem}`) }),
  )
  const ports = { ...configured, clients }
  const { issuer } = configuration
  const bases = { main: issuer, mtls: mtlsBase(configuration) ?? issuer }
  const { authorizations, clients: registrations } = stores
  const sectorDocuments = { fetch: async (uri: string) => jsonOf(await fetchText(uri)) }
  const all = { ...ports, registrations, authorizations, sectorDocuments }
  return { ports, registration: openRegistration(all, policy, rules, bases) }
}

const noClients: ClientStore = { find: () => undefined }
