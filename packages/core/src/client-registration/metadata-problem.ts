/** One thing wrong with a registration, told to the person who wrote it. */
export interface MetadataProblem {
  /** Where, from the client's own object: `jwks.keys[0].x5c[0]`; empty for the whole. */
  readonly path: string
  /** Lower case, no full stop. */
  readonly problem: string
  /** What to write instead. */
  readonly hint?: string
}

/** Collects problems while a registration is read, so that all are told at once. */
export class MetadataProblems {
  readonly found: MetadataProblem[] = []

  add(path: string, problem: string, hint?: string): undefined {
    this.found.push(hint === undefined ? { path, problem } : { path, problem, hint })
    return undefined
  }
}
