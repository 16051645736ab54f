import type { Place } from './directive.ts'

/** A site as the configuration of a proxy makes it, whatever its language. */
export interface ConfiguredSite {
  readonly names: readonly string[]
  /** Ports on which it is met. */
  readonly ports: readonly string[]
  readonly place: Place
  readonly asks: { readonly how: 'any' | 'of_a_ca' | 'required'; readonly place: Place } | undefined
  /** Each place from which requests go to a server behind. */
  readonly forwards: readonly Forward[]
  /** Whether the site is met by clients that name no server, where somebody else is for people. */
  readonly isDefault: boolean
  readonly resumes: { readonly place: Place } | undefined
  /** `by_itself`: the program compares the names unasked. */
  readonly misdirected: 'by_itself' | 'answered' | 'served'
  /** Whether bad certificates reach the server in place of an error page, where the program can do that. */
  readonly badCertificates: 'forwarded' | 'error_page' | 'not_ours'
  /** A limit that cuts large certificates off. */
  readonly tooSmall: { readonly what: string; readonly place: Place } | undefined
  readonly connectionHeader: 'guarded' | 'unguarded'
  /** Where early data is let in. */
  readonly earlyData?: Place | undefined
  /** Where the errors of the server behind are replaced by pages. */
  readonly errorsReplaced?: Place | undefined
}

export interface Forward {
  readonly place: Place
  /** Lower-case names that are removed; those that end in `*` by their beginning. */
  readonly cleared: readonly string[]
  /** Patterns by which names are removed. */
  readonly clearedBy: readonly RegExp[]
  readonly written: readonly WrittenHeader[]
  /** Whether the server behind learns the name that the client asked for. */
  readonly host: 'handed_on' | 'lost'
}

export interface WrittenHeader {
  readonly header: string
  readonly value: string
  readonly place: Place
  /** Written only if a condition holds: what a client sent stays otherwise. */
  readonly conditional: 'yes' | 'no'
  /** `adds`: beside what a client sent, or only where it sent nothing. */
  readonly how: 'replaces' | 'adds'
}
