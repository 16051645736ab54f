import type { PostgresConfiguration, StoreConfiguration } from './configuration.ts'
import type { ConfigurationFile } from './configuration-file.ts'
import { durationSeconds } from './duration.ts'
import type { Resolution } from './resolution.ts'

/** The store that the configuration names: SQLite in a file or in memory, or PostgreSQL. */
export function resolveStore(store: ConfigurationFile['store'], here: Resolution): StoreConfiguration {
  const cache = store['revocation-cache']
  const standing = {
    busyTimeoutSeconds: durationSeconds(store['busy-timeout']),
    migrate: store.migrate,
    revocationCache: cache === undefined ? undefined : here.path(cache),
  }
  const { url } = store
  if (/^postgres(ql)?:/.test(url)) {
    return { ...standing, kind: 'postgres', postgres: resolvePostgres(store, here) }
  }
  for (const key of ['ca', 'certificate', 'key', 'password-file', 'connections', 'schema'] as const) {
    if (store[key] !== undefined) here.report(['store', key], 'for a store on PostgreSQL only')
  }
  const path = sqlitePath(url, here)
  const beside = path === ':memory:' ? undefined : `${path}.revocation`
  return { ...standing, kind: 'sqlite', path, revocationCache: standing.revocationCache ?? beside }
}

function sqlitePath(url: string, here: Resolution): string {
  if (url === 'memory:') return ':memory:'
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length) return here.path(url.slice('sqlite:'.length))
  here.report(['store', 'url'], 'not a store that we know', 'sqlite:PATH or postgres://USER@HOST/DATABASE')
  return ':memory:'
}

/**
 * `postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE`; a folder in the place of the host is that of a Unix socket: percent-encoded, or
 * as `postgres:///DATABASE?host=FOLDER&user=USER`.
 */
function resolvePostgres(store: ConfigurationFile['store'], here: Resolution): PostgresConfiguration {
  const wrong = (problem: string, hint?: string): undefined => here.report(['store', 'url'], problem, hint)
  const url = URL.canParse(store.url) ? new URL(store.url) : undefined
  if (url === undefined) wrong('not a URL', 'postgres://USER@HOST:PORT/DATABASE')
  for (const name of url?.searchParams.keys() ?? []) {
    if (name !== 'host' && name !== 'user')
      wrong(`the parameter ${name} is not known here`, 'ca, certificate and key stand beside url')
  }
  const host = url?.searchParams.get('host') ?? decoded(url?.hostname.replace(/^\[(.*)\]$/, '$1')) ?? ''
  const database = decoded(url?.pathname.slice(1)) ?? ''
  const user = url?.searchParams.get('user') ?? decoded(url?.username) ?? ''
  if (url !== undefined && (host === '' || database === '' || user === '' || database.includes('/'))) {
    wrong('host, database and user must be named', 'postgres://USER@HOST:PORT/DATABASE')
  }
  const { schema } = store
  if (schema !== undefined && !/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    here.report(['store', 'schema'], 'not a name in lower case', 'letters, digits and _')
  }
  return {
    host,
    port: Number(url?.port === '' ? postgresPort : url?.port),
    database,
    user,
    password: resolvePassword(decoded(url?.password), store['password-file'], here),
    tls: resolveTls(store, host, here),
    connections: store.connections ?? postgresConnections,
    schema,
  }
}

function resolvePassword(inUrl: string | undefined, file: string | undefined, here: Resolution): string | undefined {
  if (file === undefined) return inUrl === '' ? undefined : inUrl
  if (inUrl !== undefined && inUrl !== '') here.report(['store', 'password-file'], 'the url has a password too')
  const text = here.readFile(here.path(file))?.replace(/\r?\n$/, '')
  if (text === undefined) here.report(['store', 'password-file'], 'cannot be read')
  return text
}

/** Everything that is no Unix socket and not this machine is spoken to over TLS, its certificate checked. */
function resolveTls(store: ConfigurationFile['store'], host: string, here: Resolution): PostgresConfiguration['tls'] {
  const read = (key: 'ca' | 'certificate' | 'key'): string | undefined => {
    const path = store[key]
    if (path === undefined) return undefined
    const text = here.readFile(here.path(path))
    if (text === undefined) here.report(['store', key], 'cannot be read')
    return text
  }
  const [ca, cert, key] = [read('ca'), read('certificate'), read('key')]
  if ((cert === undefined) !== (key === undefined)) {
    here.report(['store', cert === undefined ? 'certificate' : 'key'], 'missing: certificate and key come together')
  }
  const plain = store['dangerously-without-tls']
  if (plain) here.dangers.push('store.dangerously-without-tls')
  const near = host.startsWith('/') || nearHosts.has(host)
  if (plain || (near && ca === undefined)) return undefined
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const nearHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1'])
const postgresPort = '5432'

/** Per process: more make PostgreSQL slower, not faster, unless it has many disks. */
const postgresConnections = 10
