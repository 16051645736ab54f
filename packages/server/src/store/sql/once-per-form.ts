import type { KeptTokens } from './kept-tokens.ts'
import type { SqlRow, SqlValue } from './sql.ts'

export type Statement = (...values: SqlValue[]) => Promise<readonly SqlRow[]>

/** Builds the statement for each form of kept tokens when it is first needed. */
export function oncePerForm(build: (kept: KeptTokens) => Statement): (kept: KeptTokens) => Statement {
  const statements = new Map<string, Statement>()
  return (kept) => {
    let statement = statements.get(kept.form)
    if (statement === undefined) statements.set(kept.form, (statement = build(kept)))
    return statement
  }
}
