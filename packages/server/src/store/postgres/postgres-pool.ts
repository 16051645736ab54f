import { hash } from 'node:crypto'
import pg from 'pg'
import type { CustomTypesConfig, PoolClient } from 'pg'
import type { PostgresConfiguration } from '../../config/configuration.ts'
import type { SqlRow, SqlValue } from '../sql/sql.ts'
import { StoreUnavailableError } from '../store-unavailable-error.ts'
import { fromPostgresText, toPostgresText } from './postgres-text.ts'

/** One statement, prepared once per connection. Committed durably when the promise is fulfilled, outside of a transaction. */
export type PostgresQuery = (text: string, values: readonly (SqlValue | PostgresText)[]) => Promise<readonly SqlRow[]>

/** Text that holds no NUL and is sent as it is. */
export interface PostgresText {
  readonly text: string
}

/** Connections to one PostgreSQL, taken and given back by each call. */
export interface PostgresPool {
  readonly query: PostgresQuery
  /**
   * Runs `body` on one connection that nobody else uses meanwhile; `execute` takes any number of statements without values. Errors
   * of the database come as they are, see {@link failureOf}.
   */
  onOneConnection<Value>(
    body: (query: PostgresQuery, execute: (statements: string) => Promise<void>) => Promise<Value>,
  ): Promise<Value>
  close(): Promise<void>
}

/**
 * Opens no connection before it is needed. When none can be had, or an answer does not come in time, a call rejects with
 * {@link StoreUnavailableError}; the connection is given up, and the next call tries a new one.
 */
export function createPostgresPool(options: PostgresConfiguration, timeoutSeconds: number): PostgresPool {
  const { host, port, database, user, password, tls, connections, schema } = options
  const timeout = Math.max(100, timeoutSeconds * 1000)
  const pool = new pg.Pool({
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    ssl: tls === undefined ? false : { ...tls, minVersion: 'TLSv1.2' },
    max: connections,
    application_name: 'holdfast',
    connectionTimeoutMillis: timeout,
    idleTimeoutMillis,
    // A node that hangs is not waited for longer than one that is slow.
    query_timeout: timeout + graceMilliseconds,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMilliseconds,
    types: typeParsers,
    // Waited for, though the types of `pg` do not say so.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises
    onConnect: async (client: Pick<PoolClient, 'query'>) => {
      await client.query(sessionSettings, [String(timeout), schema ?? null])
    },
  })
  // A connection that breaks while nobody uses it is replaced at the next use, which tells what is wrong.
  pool.on('error', () => undefined)
  const nameOf = statementNames()
  const inUse = new Set<Promise<unknown>>()
  let closed = false

  /** `isSound` tells after which errors the connection can be used again. */
  async function onClient<Value>(
    body: (client: PoolClient) => Promise<Value>,
    isSound: (cause: unknown) => boolean,
  ): Promise<Value> {
    if (closed) throw new StoreUnavailableError('store_closed')
    if (pool.waitingCount >= maximumWaiting) throw new StoreUnavailableError('store_overloaded')
    const allInUse = pool.totalCount >= connections && pool.idleCount <= pool.waitingCount
    let client: PoolClient
    try {
      client = await pool.connect()
    } catch (cause) {
      throw new StoreUnavailableError(allInUse ? 'store_busy' : 'store_unavailable', { cause })
    }
    const work = body(client)
    inUse.add(work)
    // Told to the query that is running; without a listener it would end the process.
    client.on('error', ignore)
    try {
      const value = await work
      client.off('error', ignore)
      client.release()
      return value
    } catch (cause) {
      client.off('error', ignore)
      client.release(!isSound(cause))
      throw cause
    } finally {
      inUse.delete(work)
    }
  }

  async function runPrepared(
    client: PoolClient,
    ...[text, values]: Parameters<PostgresQuery>
  ): Promise<readonly SqlRow[]> {
    const query = client.query<Record<string, unknown>>({ name: nameOf(text), text, values: values.map(sent) })
    const { rows } = await answered(query)
    for (const row of rows) {
      for (const column in row) {
        const value = row[column]
        if (typeof value === 'string') row[column] = fromPostgresText(value)
      }
    }
    return rows
  }

  return {
    query: async (text, values) => {
      try {
        return await onClient((client) => runPrepared(client, text, values), isOverdue)
      } catch (cause) {
        throw failureOf(cause)
      }
    },
    onOneConnection: (body) =>
      onClient(
        (client) =>
          body(
            (text, values) => runPrepared(client, text, values),
            async (statements) => void (await answered(client.query(statements))),
          ),
        // After an error of the database a transaction may stand open.
        (cause) => !(failureOf(cause) instanceof StoreUnavailableError),
      ),
    close: async () => {
      if (closed) return
      closed = true
      await Promise.allSettled(inUse)
      await pool.end()
    },
  }
}

/** A statement alone had to wait too long, and the session goes on. What it was prepared for may have changed after other errors. */
function isOverdue(cause: unknown): boolean {
  return cause instanceof pg.DatabaseError && busy.has(cause.code ?? '')
}

/** What a caller is told of an error of the database. */
export function failureOf(cause: unknown): unknown {
  if (!(cause instanceof pg.DatabaseError)) return cause
  const code = cause.code ?? ''
  if (away.test(code)) return new StoreUnavailableError('store_unavailable', { cause })
  return new StoreUnavailableError(busy.has(code) ? 'store_busy' : 'store_failed', { cause })
}

function sent(value: SqlValue | PostgresText): unknown {
  if (typeof value === 'string') return toPostgresText(value)
  return value !== null && typeof value === 'object' && 'text' in value ? value.text : value
}

/** What is no answer of the database is that there is none: the connection broke, or took too long. */
async function answered<Answer>(query: Promise<Answer>): Promise<Answer> {
  try {
    return await query
  } catch (cause) {
    throw cause instanceof pg.DatabaseError ? cause : new StoreUnavailableError('store_unavailable', { cause })
  }
}

/** The same in every process, since a pooler between here and the database may hand connections from one to another. */
function statementNames(): (text: string) => string {
  const names = new Map<string, string>()
  return (text) => {
    let name = names.get(text)
    if (name === undefined) names.set(text, (name = `holdfast_${hash('sha256', text, 'hex').slice(0, 32)}`))
    return name
  }
}

const ignore = (): void => undefined

/**
 * What was acknowledged must be on the disk: a cluster, database or role that trades this for speed is overruled, one that wants
 * more (its replicas too) is not.
 */
const sessionSettings = `
  select set_config('statement_timeout', $1, false), set_config('lock_timeout', $1, false),
         set_config('idle_in_transaction_session_timeout', $1, false),
         set_config('default_transaction_isolation', 'read committed', false),
         set_config('synchronous_commit', case when current_setting('synchronous_commit') in ('off', 'local') then 'on'
                    else current_setting('synchronous_commit') end, false),
         set_config('search_path', coalesce($2, current_setting('search_path')), false)`

/** Lock not available, statement cancelled by its time-out, deadlock, serialization. */
const busy: ReadonlySet<string> = new Set(['55P03', '57014', '40P01', '40001'])

/** Connection exceptions, too many connections, shutting down or starting up, read-only after a failover, cannot log in. */
const away = /^(08...|53300|57P0.|25006|28...|3D000)$/

/** The types that our tables have, by their number; all others are text. Numbers are epoch seconds and counts: a double holds them. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  17: (text) => Buffer.from(text.slice('\\x'.length), 'hex'),
  20: Number,
  23: Number,
}
const typeParsers: CustomTypesConfig = { getTypeParser: (type: number) => parsers[type] ?? String }
const idleTimeoutMillis = 60_000
const keepAliveMilliseconds = 10_000
const graceMilliseconds = 250

/** Who comes later is told 503 at once instead of waiting for his own time-out. */
const maximumWaiting = 8_192
