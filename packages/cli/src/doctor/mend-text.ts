import type { Cause } from './cause.ts'

/** What to do about a cause on one terminator. */
export type Mend =
  | { readonly kind: 'do'; readonly text: string; readonly lines: readonly string[] }
  /** Nothing can be done there: what remains is to know it. */
  | { readonly kind: 'unavoidable'; readonly text: string }

export type Mends = { readonly [Name in Cause]?: Mend }

/** What to do, and the lines to write, where there are some. */
export function todo(text: string, ...lines: readonly string[]): Mend {
  return { kind: 'do', text, lines }
}

export function unavoidable(text: string): Mend {
  return { kind: 'unavoidable', text }
}
