/** Where something is written. */
export interface Place {
  readonly file: string
  /** From 1. */
  readonly line: number
}

/** One statement of a configuration file: a name, its arguments, and what stands in its block. */
export interface Directive {
  readonly name: string
  readonly args: readonly string[]
  readonly children: readonly Directive[]
  readonly place: Place
}

/** Files by name: `undefined` for one that cannot be read. A pattern with `*` answers all files that fit. */
export interface Files {
  read(path: string): string | undefined
  /** Absolute paths; relative patterns start at the folder of `from`, or at `base` where a language says so. */
  find(pattern: string, from: string): readonly string[]
}

/** A configuration with its includes, or why it cannot be read. */
export interface ReadConfiguration {
  readonly directives: readonly Directive[]
  /** Includes that led nowhere. */
  readonly missing: readonly { readonly pattern: string; readonly place: Place }[]
}

/** All directives of a name, in the list itself. */
export function named(directives: readonly Directive[], name: string): readonly Directive[] {
  const wanted = name.toLowerCase()
  return directives.filter((directive) => directive.name.toLowerCase() === wanted)
}

/** The last one of a name: in most languages it counts. */
export function last(directives: readonly Directive[], name: string): Directive | undefined {
  return named(directives, name).at(-1)
}
