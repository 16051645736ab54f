import { createJwksEndpoint } from '@holdfast/core'
import type { Answer, Audit, Clock } from '@holdfast/core'
import { createEdge } from '@holdfast/edge'
import type { Edge, Exchange, HostRole, RefusedExchange } from '@holdfast/edge'
import { fail, ok } from '@holdfast/x509'
import type { AnchorSet, Result } from '@holdfast/x509'
import { createAssertionVerifier } from './adapter/assertion-verifier.ts'
import { createCertificateReader } from './adapter/certificate-reader.ts'
import { createRandomIdentifiers } from './adapter/random-identifiers.ts'
import { systemClock } from './adapter/system-clock.ts'
import { openAuditFile } from './audit/open-audit-file.ts'
import type { AuditFile } from './audit/open-audit-file.ts'
import { createSecretVerifier } from './client-secret/create-secret-verifier.ts'
import type { Configuration } from './config/configuration.ts'
import type { ConfigurationProblem } from './config/configuration-problem.ts'
import { formatProblem } from './config/configuration-problem.ts'
import { loadConfiguration, placeProblems } from './config/load-configuration.ts'
import { ConfigurationError } from './configuration-error.ts'
import { edgeLimits, edgeListeners, hostAndPort, listenerName } from './edge-listeners.ts'
import type { FurtherHost } from './edge-listeners.ts'
import { createRequestHandler } from './http/create-request-handler.ts'
import type { DoctorEchoEndpoint } from './http/doctor-echo.ts'
import type { Management } from './http/management.ts'
import { createRoutes } from './http/routes.ts'
import type { Route } from './http/routes.ts'
import { standingHeaders, writeAnswer } from './http/write-answer.ts'
import { openIfNeeded, servesPeople } from './interactive/open-if-needed.ts'
import type { Interactive } from './interactive/open-interactive.ts'
import { createFetchJson } from './jwks-uri/fetch-json.ts'
import { createRegisteredKeys } from './jwks-uri/create-registered-keys.ts'
import { publicAddress } from './jwks-uri/public-address.ts'
import { openConfiguredKeys } from './keys/open-configured-keys.ts'
import type { KeyRing } from './keys/key-ring.ts'
import { liveSettings } from './live-settings.ts'
import type { LiveSettings } from './live-settings.ts'
import { createLog } from './log/create-log.ts'
import type { Log } from './log/create-log.ts'
import { identityName, loadMaterial, towardsProxy } from './material/load-material.ts'
import type { Material } from './material/load-material.ts'
import { metadataDocuments } from './metadata-documents.ts'
import { noMetrics } from './metrics/metrics.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { RunningServer, StartOptions } from './start-server.ts'
import { proxyRevocation } from './revocation/proxy-revocation.ts'
import { serverRevocation } from './revocation/server-revocation.ts'
import { serverSpiffeBundles } from './spiffe/server-spiffe-bundles.ts'
import { openStore } from './store/open-store.ts'
import type { Store } from './store/store.ts'

/** Starts the server in this process alone. Throws as `startServer` does. */
export async function serveInProcess(configuration: Configuration, options: StartOptions): Promise<RunningServer> {
  const began = performance.now()
  const clock = options.clock ?? systemClock
  const material = loadMaterial(configuration)
  if (!material.ok) throw new ConfigurationError(placeProblems(configuration.source, material.failure))
  const undo: (() => unknown)[] = []
  try {
    return await assemble(configuration, material.value, clock, options, undo, began)
  } catch (error) {
    for (const step of undo.toReversed()) await step()
    throw error
  }
}

async function assemble(
  configuration: Configuration,
  material: Material,
  clock: Clock,
  options: StartOptions,
  undo: (() => unknown)[],
  began: number,
): Promise<RunningServer> {
  const log = createLog(configuration.log)
  undo.push(() => log.close())
  const random = createRandomIdentifiers()
  const store = await openStore(configuration, clock)
  undo.push(() => store.close())
  const keyRing = await openConfiguredKeys(configuration, material.masterKeys, store, clock, {
    resealed: (count) => log.signingKeysResealed({ count }),
    problem: (cause) => log.keysRefreshFailed({ cause }),
  })
  undo.push(() => keyRing.close())
  const auditFile =
    configuration.audit.destination && openAuditFile(configuration.audit.destination, configuration.audit.chain)
  let live: LiveSettings
  const metrics = await openMetrics(configuration, options, () => [
    ...live.material.expiries,
    ...revocation.expiries(),
    ...bundles.expiries(),
    ...keyRing
      .records()
      .flatMap(({ kid, publishedUntil }) =>
        publishedUntil === undefined ? [] : [{ kind: 'signing_key' as const, name: kid, expiresAt: publishedUntil }],
      ),
  ])
  const mayConnect = publicAddress(configuration.limits.jwksUriPrivateAddresses)
  const fetching = { mayConnect, ...(options.jwksUriCa === undefined ? {} : { ca: options.jwksUriCa }) }
  const fetchJson = createFetchJson(fetching)
  const standing = {
    clock,
    random,
    opaqueTokens: random,
    audit: createAudit(log, metrics, auditFile),
    certificates: createCertificateReader(configuration.limits.cachedCertificates),
    registeredKeys: createRegisteredKeys(fetchJson, clock),
    assertions: createAssertionVerifier(),
    replays: store.replay,
    secrets: createSecretVerifier(),
    signer: keyRing.signer,
    introspectionSigner: keyRing.signer,
    verifier: keyRing.verifier,
    ...keyRing.encryption,
    accessTokens: store.accessTokens,
    revokedTokens: store.revokedTokens,
    boundCertificates: store.boundCertificates,
  }
  const revocation = serverRevocation(configuration, clock, log, metrics)
  undo.push(() => revocation.close())
  const policies = await revocation.configure(configuration, material.anchors)
  if (!policies.ok) throw new ConfigurationError(placeProblems(configuration.source, policies.failure))
  const bundles = serverSpiffeBundles(configuration, clock, log, metrics)
  undo.push(() => bundles.close())
  const prepared = await bundles.prepare(configuration, material.spiffeIntermediates)
  if (!prepared.ok) throw new ConfigurationError(placeProblems(configuration.source, prepared.failure))
  await prepared.value.take()
  const { masterKeys } = material
  const interactive = await openIfNeeded(
    configuration,
    {
      configuration: () => (live ?? { configuration }).configuration,
      version: () => live?.interactive,
      store,
      standing,
      masterKeys,
      log,
    },
    fetching,
  )
  undo.push(() => interactive?.close())
  live = liveSettings(configuration, material, policies.value, bundles, standing, interactive)

  const strictTransport = configuration.issuer.startsWith('https:') ? 'yes' : 'no'
  const doctor = await openDoctorEcho(configuration, clock)
  const handler = createRequestHandler({
    routes: createRolesRoutes(configuration, () => live.configuration, keyRing, doctor, interactive),
    asking: askingHost(configuration, interactive),
    endpoints: () => live.endpoints,
    random,
    log,
    metrics,
    bodyLimit: configuration.limits.bodyBytes,
    strictTransport,
  })
  const anchorsNow = (trust: string): AnchorSet => {
    const found = live.material.anchors.get(trust)
    if (found === undefined) throw new TypeError(`trust.${trust} is not there`)
    return found
  }
  const proxyTrusts = {
    anchors: anchorsNow,
    revocation: (trust: string) =>
      proxyRevocation(
        () => ({ anchors: anchorsNow(trust), revocation: live.policies.get(trust) }),
        () => log.proxyRevocationUnknown({ trust }),
      ),
  }
  const edge = await createEdge({
    listeners: edgeListeners(configuration, material.identities, proxyTrusts, options.furtherHosts),
    limits: edgeLimits(configuration.limits),
    handler: withFurtherHosts(withDoctor(handler, doctor), options.furtherHosts),
    refusalHandler: (refused) => answerRefused(refused, random.identifier(), log, doctor),
    observe: (event) => {
      metrics.edge(event)
      if (event.event !== 'request_refused') log.edge(event)
    },
  })
  undo.push(() => edge.close(0))
  let started = true
  // Health and metrics of several processes are the first one's, which asks the others.
  const management =
    options.worker === 'yes' ? undefined : await openManagement(configuration, store, metrics, () => started)
  undo.push(() => management?.close())

  for (const setting of configuration.dangers) log.safetyLowered({ setting })
  tellFindings(configuration, [...material.warnings, ...revocation.warnings()], log)
  const addresses = edge.listeners.map(({ port, path }, index) => addressText(configuration, index, port, path))
  log.serverStarted({ issuer: configuration.issuer, addresses, milliseconds: Math.round(performance.now() - began) })

  const refuseReload = (problems: readonly ConfigurationProblem[]): Result<never, readonly ConfigurationProblem[]> => {
    log.configurationRefused({
      problems: problems.map((problem) => formatProblem(problem, configuration.source.file)),
    })
    return fail(problems)
  }

  return {
    issuer: configuration.issuer,
    addresses,
    management: management?.address,
    keys: { list: () => keyRing.records(), rotate: (publishBefore) => keyRing.rotate(publishBefore) },
    reload: async () => {
      const next = readAgain(live.configuration)
      if (!next.ok) return refuseReload(next.failure)
      const { configuration: changed, material: changedMaterial } = next.value
      const changedBundles = await bundles.prepare(changed, changedMaterial.spiffeIntermediates)
      if (!changedBundles.ok) return refuseReload(placeProblems(changed.source, changedBundles.failure))
      const changedPolicies = await revocation.configure(changed, changedMaterial.anchors)
      if (!changedPolicies.ok) {
        changedBundles.value.drop()
        return refuseReload(placeProblems(changed.source, changedPolicies.failure))
      }
      const takeWays = await interactive?.prepareWays(changed)
      await changedBundles.value.take()
      takeWays?.()
      replaceIdentities(edge, live, next.value)
      auditFile?.reopen()
      log.reopen()
      live = liveSettings(changed, changedMaterial, changedPolicies.value, bundles, standing, interactive, live)
      tellFindings(changed, [...changedMaterial.warnings, ...revocation.warnings()], log)
      log.configurationReloaded({ clients: live.configuration.clients.size, trust: live.configuration.trust.size })
      await keyRing.refresh().catch((cause: unknown) => log.keysRefreshFailed({ cause }))
      return ok(undefined)
    },
    close: async () => {
      started = false
      await management?.close()
      await edge.close()
      interactive?.close()
      keyRing.close()
      revocation.close()
      bundles.close()
      await auditFile?.close()
      await store.close()
      log.serverStopped()
      await log.close()
    },
  }
}

/** What an operator should know about what was read. */
function tellFindings(configuration: Configuration, warnings: Material['warnings'], log: Log): void {
  for (const warning of warnings.slice(0, maximumWarnings)) log.materialWarning(warning)
  if (warnings.length > maximumWarnings) {
    log.materialWarning({
      path: '',
      warning: `${warnings.length - maximumWarnings} more warnings`,
      hint: 'holdfast check',
    })
  }
  const { names, more } = configuration.clients.summary().names
  if (names.length > 0) log.registeredNamesRead({ names, more })
}

async function openMetrics(
  configuration: Configuration,
  { worker }: StartOptions,
  expiries: () => Material['expiries'],
): Promise<Metrics> {
  if (configuration.management.address === undefined && worker === undefined) return noMetrics
  const { prometheusMetrics } = await import('./metrics/prometheus-metrics.ts')
  return prometheusMetrics(expiries, worker ?? 'no')
}

async function openManagement(
  { management: { address } }: Configuration,
  store: Store,
  metrics: Metrics,
  started: () => boolean,
): Promise<Management | undefined> {
  if (address === undefined) return undefined
  const ready = async (): Promise<Readonly<Record<string, boolean>>> => ({
    started: started(),
    store: await store.isWritable(),
  })
  const { startManagement } = await import('./http/management.ts')
  return startManagement(address, { started, ready }, metrics)
}

async function openDoctorEcho(configuration: Configuration, clock: Clock): Promise<DoctorEchoEndpoint | undefined> {
  const { doctor } = configuration.management
  if (doctor === undefined) return undefined
  const { createDoctorEcho } = await import('./http/doctor-echo.ts')
  const { certificateSources } = await import('./certificate-sources.ts')
  const listeners = certificateSources(configuration)
  const until = clock.now() + doctor.validFor
  return createDoctorEcho({ issuer: configuration.issuer, token: doctor.token, until, listeners, clock })
}

function createAudit(log: Log, metrics: Metrics, file: AuditFile | undefined): Audit {
  return {
    record: (event) => {
      metrics.decided(event)
      log.decided(event)
      return file?.append(event)
    },
  }
}

function createRolesRoutes(
  configuration: Configuration,
  now: () => Configuration,
  keyRing: KeyRing,
  doctor: DoctorEchoEndpoint | undefined,
  interactive: Interactive | undefined,
): { readonly [Role in HostRole]: ReturnType<typeof createRoutes> } {
  const document = (endpoint: string, answer: () => Answer): Route => ({
    endpoint,
    methods: { GET: { kind: 'document', answer } },
  })
  const form = (endpoint: 'token' | 'introspection' | 'revocation'): Route => ({
    endpoint,
    methods: { POST: { kind: 'form', endpoint } },
  })
  const backChannel = { '/token': form('token'), '/introspect': form('introspection'), '/revoke': form('revocation') }
  const echo: Readonly<Record<string, Route>> =
    doctor === undefined
      ? {}
      : {
          '/doctor/echo': {
            endpoint: 'doctor_echo',
            methods: { GET: { kind: 'echo', answer: (exchange) => doctor.served(exchange) } },
          },
        }
  const documents = metadataDocuments(now, Object.keys(interactive?.routes.main ?? {}), metadataAge)
  // Caches must have met a new key before it signs.
  const jwksAge = Math.min(Math.floor(configuration.keys.publishBefore / 2), metadataAge)
  return {
    main: createRoutes({
      ...backChannel,
      ...echo,
      '/.well-known/openid-configuration': document('openid_configuration', documents.openid),
      '/.well-known/oauth-authorization-server': document('authorization_server_metadata', documents.server),
      '/jwks': document('jwks', createJwksEndpoint(keyRing, jwksAge)),
      ...interactive?.routes.main,
    }),
    mtls: createRoutes({ ...backChannel, ...echo, ...interactive?.routes.mtls }),
  }
}

/** Where people are asked for certificates no client is served. */
function askingHost(
  { hosts }: Configuration,
  interactive: Interactive | undefined,
): { readonly host: string; readonly routes: ReturnType<typeof createRoutes> } | undefined {
  const host = [...hosts].find(([, { login }]) => login !== undefined)?.[0]
  return host === undefined
    ? undefined
    : { host: hostAndPort(host).name, routes: createRoutes(interactive?.asking ?? {}) }
}

interface ReadAgain {
  readonly configuration: Configuration
  readonly material: Material
}

/** The configuration as it stands in its files now; a change that a running server cannot take over is a problem. */
function readAgain(running: Configuration): Result<ReadAgain, readonly ConfigurationProblem[]> {
  const loaded = loadConfiguration(running.source)
  if (!loaded.ok) return fail(loaded.failure.problems)
  const configuration = loaded.value
  const fixed = (
    ['issuer', 'listeners', 'store', 'management', 'keys', 'limits', 'log', 'audit', 'ui'] as const
  ).filter((key) => JSON.stringify(configuration[key]) !== JSON.stringify(running[key]))
  const hosts = JSON.stringify([...configuration.hosts]) === JSON.stringify([...running.hosts]) ? [] : ['hosts']
  // Which paths are served, and what behind them is loaded, is decided at the start.
  const registration = configuration.registration?.endpoint === running.registration?.endpoint ? [] : ['registration']
  const peopleCame = servesPeople(configuration) && !servesPeople(running) && registration.length === 0
  const people = peopleCame ? [configuration.people === undefined ? 'clients' : 'people'] : []
  const problems = [...fixed, ...hosts, ...registration, ...people].map((path) => ({
    at: [path],
    path,
    line: undefined,
    problem: 'changed, which a running server cannot take over',
    expected: undefined,
    hint: 'restart it',
  }))
  if (problems.length > 0) return fail(placeProblems(configuration.source, problems))
  const material = loadMaterial(configuration)
  if (!material.ok) return fail(placeProblems(configuration.source, material.failure))
  // Without a master key file the key lives in this process only.
  const masterKeys = configuration.keys.masterKeyFile === undefined ? [] : material.value.masterKeys
  return ok({ configuration, material: { ...material.value, masterKeys } })
}

/** New connections get the new certificates; where trust changed no session of before is resumed. */
function replaceIdentities(edge: Edge, before: LiveSettings, next: ReadAgain): void {
  for (const [index, listener] of next.configuration.listeners.entries()) {
    if (listener.tls === undefined) continue
    if (listener.clientCertificate !== undefined) {
      const name = identityName(index, towardsProxy)
      const identity = next.material.identities.get(name)
      const old = before.material.identities.get(name)
      if (identity !== undefined && (identity.certificate !== old?.certificate || identity.key !== old.key)) {
        edge.replaceListenerCertificate(listenerName(listener, index), identity)
      }
      continue
    }
    for (const host of listener.hosts) {
      const name = identityName(index, host)
      const identity = next.material.identities.get(name)
      const old = before.material.identities.get(name)
      const target = [listenerName(listener, index), hostAndPort(host).name] as const
      if (identity !== undefined && (identity.certificate !== old?.certificate || identity.key !== old.key)) {
        edge.replaceCertificate(...target, identity)
      }
      if (next.configuration.hosts.get(host)?.role === 'mtls') edge.forgetSessions(...target)
    }
  }
}

/** With its token the doctor may ask at any path how a request arrives there. */
function withDoctor(
  handler: (exchange: Exchange) => void,
  doctor: DoctorEchoEndpoint | undefined,
): (exchange: Exchange) => void {
  if (doctor === undefined) return handler
  return (exchange) => {
    if (!doctor.intercepts(exchange)) handler(exchange)
  }
}

/** Each further host has its own handler; everything else is ours. */
function withFurtherHosts(
  handler: (exchange: Exchange) => void,
  furtherHosts: readonly FurtherHost[] | undefined,
): (exchange: Exchange) => void {
  if (furtherHosts === undefined || furtherHosts.length === 0) return handler
  const handlers = new Map(furtherHosts.map((further) => [further.serverName, further.handler]))
  return (exchange) => (handlers.get(exchange.host) ?? handler)(exchange)
}

function answerRefused(
  refused: RefusedExchange,
  correlationId: string,
  log: Log,
  doctor: DoctorEchoEndpoint | undefined,
): void {
  const { request, response, status, refusal, listener, remoteAddress } = refused
  log.edgeRefused({ correlationId, listener, remoteAddress, status, refusal })
  const description = `${edgeSentences[status]} (reference ${correlationId})`
  const answer: Answer = doctor?.refused(refused) ?? {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ error: 'invalid_request', error_description: description }),
  }
  writeAnswer(request, response, answer, standingHeaders('no'))
}

function addressText(
  configuration: Configuration,
  index: number,
  port: number | undefined,
  path: string | undefined,
): string {
  if (path !== undefined) return `unix:${path}`
  const address = configuration.listeners[index]?.address
  const host = address?.kind === 'tcp' ? address.host : 'localhost'
  return `${host.includes(':') ? `[${host}]` : host}:${port ?? 0}`
}

const edgeSentences: { readonly [Status in RefusedExchange['status']]: string } = {
  400: 'The request is not one that this server takes.',
  421: 'This host is not served on this connection.',
  431: 'The request has too many or too long headers.',
  503: 'The server is shutting down.',
}

/** Seconds that clients may keep the metadata: a new endpoint is found soon, and a busy client asks rarely. */
const metadataAge = 300

/** Warnings that are logged one by one; the rest is counted. */
const maximumWarnings = 50
