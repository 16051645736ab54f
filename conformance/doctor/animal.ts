import type { Base } from './backend.ts'

/** A deployment of the zoo: a generated configuration with one thing in it that somebody got wrong. */
export interface Animal {
  readonly name: string
  readonly base: Base | 'holdfast'
  /** What was changed; each must change something. */
  readonly changes?: readonly Change[]
  /** Causes that the doctor must name, neither more nor less. */
  readonly causes: readonly string[]
  /** Words that what was seen, or the advice, must contain. */
  readonly says?: RegExp
  /** Further arguments for the doctor. */
  readonly args?: (backend: {
    readonly folder: string
    readonly trusting: number
    readonly plain: number
    readonly port: number
  }) => readonly string[]
}

/** Turns one piece of a generated file into another; `all` of them, or in the named part of it only. */
export interface Change {
  readonly from: string | RegExp
  readonly to: string
  /** The site in which it is changed; default everywhere. */
  readonly site?: 'main' | 'mtls'
}
