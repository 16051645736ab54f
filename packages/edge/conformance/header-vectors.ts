import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Header values of terminators, with what they must be read as. */
export interface HeaderVectors {
  readonly note: string
  /** DER in base64, thumbprint in base64url. */
  readonly certificates: { readonly [name: string]: { readonly der: string; readonly thumbprint: string } }
  readonly presets: { readonly [preset: string]: readonly HeaderCase[] }
}

export interface HeaderCase {
  readonly name: string
  readonly lines: readonly (readonly [name: string, value: HeaderText])[]
  readonly expect:
    | { readonly leaf: string; readonly chain: readonly string[] }
    | { readonly absent: 'none' | 'withheld' }
    | { readonly reason: string }
}

/** A long value may be written as one that is repeated. */
export type HeaderText = string | { readonly text: string; readonly times: number }

export function headerVectors(): HeaderVectors {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../vectors/header-values.json'), 'utf8')) as HeaderVectors
}

export function headerText(value: HeaderText): string {
  return typeof value === 'string' ? value : value.text.repeat(value.times)
}
