/** What a statement is given and gives back: text without a NUL is the same everywhere, `null` is absence. */
export type SqlValue = string | number | Uint8Array | null
export type SqlRow = Readonly<Record<string, unknown>>

/** One statement of a transaction: its text and its values, `$1` being the first. */
export type SqlStep = readonly [text: string, ...values: SqlValue[]]

/** The statements of one transaction: yields them one after the other and gets the rows of each. */
export type SqlSteps<Value> = () => Generator<SqlStep, Value, readonly SqlRow[]>

/** A change and inserts that share their values. */
export interface SqlTogether {
  /** Selects a row that nobody may take away before this is over. */
  readonly held?: string
  /** Ends in `returning`. It is given SQL that is true as long as the row that is held is there. */
  readonly change: (heldIsThere: string) => string
  /** How many rows the change must answer for the inserts to be done: 1 unless said. */
  readonly rows?: number
  readonly inserts: readonly SqlInsert[]
}

/** An insert of one row; `select` are its values, each with its type: `cast($1 as text)`. */
export interface SqlInsert {
  readonly into: string
  readonly select: string
  readonly where?: string
  readonly conflict?: string
}

/**
 * A database, for statements that SQLite and PostgreSQL understand alike. Each text is prepared once.
 *
 * Every method rejects with `StoreUnavailableError` when the database is away; then nothing of it was acknowledged.
 */
export interface Sql {
  /** At the end of a `select` whose rows are changed afterwards in the same transaction. */
  readonly forUpdate: '' | ' for update'
  read(text: string, ...values: SqlValue[]): Promise<readonly SqlRow[]>
  /** One statement, durable when the promise is fulfilled. What it did is told by its `returning`. */
  write(text: string, ...values: SqlValue[]): Promise<readonly SqlRow[]>
  /**
   * Several statements, all or nothing, durable when the promise is fulfilled. May be begun anew, so the steps change nothing
   * but the database; they throw {@link SqlConflict} to have that done.
   */
  transact<Value>(steps: SqlSteps<Value>): Promise<Value>
  /** A change with the rows that are inserted beside it, as one: durable when the promise is fulfilled. Answers the rows of the change. */
  together(together: SqlTogether): (...values: SqlValue[]) => Promise<readonly SqlRow[]>
  /** The step that keeps other writers out of a table until the transaction ends; `undefined` where there is one writer anyway. */
  exclusively(table: string): SqlStep | undefined
}

/** Another transaction was faster than what this one had read; the transaction is begun anew. */
export class SqlConflict extends Error {
  override readonly name = 'SqlConflict'
}
