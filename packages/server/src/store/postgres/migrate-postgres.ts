import type { PostgresConfiguration } from '../../config/configuration.ts'
import { StoreSchemaError } from '../store-schema-error.ts'
import { createPostgresPool, failureOf } from './postgres-pool.ts'
import type { PostgresQuery } from './postgres-pool.ts'
import { postgresSchemaSteps } from './postgres-schema.ts'

/** The version of the schema that stands in the database; 0: there is none yet. */
export async function postgresSchemaVersion(query: PostgresQuery): Promise<number> {
  const [there] = await query(`select to_regclass('holdfast_schema') is not null as there`, [])
  if (there?.['there'] !== true) return 0
  const [row] = await query('select version from holdfast_schema', [])
  return Number(row?.['version'] ?? 0)
}

/**
 * Brings the schema to the present version, in one transaction and one process at a time. Rejects with {@link StoreSchemaError}
 * for one of a newer version, and for an older one where that is brought up to date by hand.
 */
export async function migratePostgres(
  postgres: PostgresConfiguration,
  query: PostgresQuery,
  older: 'at-start' | 'by-hand',
  steps: readonly string[] = postgresSchemaSteps,
): Promise<void> {
  const refuse = (version: number): void => {
    if (version > steps.length) {
      const both = `schema ${version}, this version knows ${steps.length}`
      throw new StoreSchemaError('store_newer', `the database was written by a newer version (${both})`)
    }
    if (older === 'by-hand' && version !== 0 && version < steps.length) {
      const both = `schema ${version}, this version needs ${steps.length}`
      throw new StoreSchemaError('store_older', `the database has the schema of an older version (${both})`)
    }
  }
  const before = await postgresSchemaVersion(query)
  refuse(before)
  if (before === steps.length) return
  // Steps, and those of another process before, may take longer than a request may.
  const patient = createPostgresPool({ ...postgres, connections: 1 }, migrationSeconds)
  try {
    await patient.onOneConnection(async (one, execute) => {
      await execute('begin')
      await one('select pg_advisory_xact_lock($1)', [lockKey])
      const { schema } = postgres
      const [missing] = await one('select to_regnamespace($1) is null as missing', [schema ?? 'public'])
      if (schema !== undefined && missing?.['missing'] === true) await execute(`create schema ${schema}`)
      const version = await postgresSchemaVersion(one)
      refuse(version)
      for (const step of steps.slice(version)) await execute(step)
      if (version === 0) {
        await execute('create table holdfast_schema (version integer not null)')
        await one('insert into holdfast_schema values ($1)', [steps.length])
      } else {
        await one('update holdfast_schema set version = $1', [steps.length])
      }
      await execute('commit')
    })
  } catch (error) {
    throw failureOf(error)
  } finally {
    await patient.close()
  }
}

/** "hofa": one migration at a time among all processes of a database. */
const lockKey = 0x686f6661

const migrationSeconds = 600
