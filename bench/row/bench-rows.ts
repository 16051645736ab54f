import { type BenchOptions, type BenchRow } from './bench-row.ts'
import { tokenBehindHeader } from './token-rows.ts'

/** Every row, in the order of the targets. */
export function benchRows(options: BenchOptions): readonly BenchRow[] {
  return [tokenBehindHeader(options)]
}
