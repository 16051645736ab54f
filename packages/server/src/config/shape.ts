/** What a value of the configuration may be: plain data by which a file is read and of which the JSON Schema is made. */
export type Shape<Value = unknown> = ShapeFacts & {
  /** For people who write the file; a member's own goes before it. */
  readonly description?: string
  /** Never there: carries the type. */
  readonly value?: Value
}

export type ShapeFacts =
  | {
      readonly kind: 'text'
      readonly atLeast: number
      readonly atMost: number
      readonly pattern?: RegExp
      /** What a text that does not fit should have been. */
      readonly expected?: string
    }
  | { readonly kind: 'whole-number'; readonly atLeast: number; readonly atMost: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'one-of'; readonly values: readonly string[] }
  | { readonly kind: 'list'; readonly of: Shape; readonly atLeast: number }
  /** Names of one's own, each with the same kind of value. */
  | { readonly kind: 'record'; readonly name: Shape<string>; readonly of: Shape }
  /** Fixed members. `open` keeps what it does not know instead of complaining. */
  | { readonly kind: 'mapping'; readonly members: Members; readonly open: 'yes' | 'no' }
  | { readonly kind: 'either'; readonly of: readonly Shape[]; readonly expected: string }
  | { readonly kind: 'anything' }

export type Members = Readonly<Record<string, Member>>

export interface Member<Value = unknown, Presence = 'required' | 'optional' | 'default'> {
  readonly shape: Shape<Value>
  readonly presence: Presence
  /** As it would be written; read like a value of the file. */
  readonly default?: unknown
  readonly description?: string
}

type ValueOf<M> = M extends { readonly shape: Shape<infer Value> } ? Value : never

type MappingValue<M extends Members> = {
  readonly [Name in keyof M as M[Name]['presence'] extends 'optional' ? never : Name]: ValueOf<M[Name]>
} & { readonly [Name in keyof M as M[Name]['presence'] extends 'optional' ? Name : never]?: ValueOf<M[Name]> }

export function text(atLeast: number = 0, atMost: number = Infinity): Shape<string> {
  return { kind: 'text', atLeast, atMost }
}

export function textLike(pattern: RegExp, expected?: string): Shape<string> {
  return { kind: 'text', atLeast: 0, atMost: Infinity, pattern, ...(expected === undefined ? {} : { expected }) }
}

export function wholeNumber(atLeast: number, atMost: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return { kind: 'whole-number', atLeast, atMost }
}

export function boolean(): Shape<boolean> {
  return { kind: 'boolean' }
}

export function oneOf<const Value extends string>(...values: readonly Value[]): Shape<Value> {
  return { kind: 'one-of', values }
}

export function list<Value>(of: Shape<Value>, atLeast: 0 | 1 = 0): Shape<readonly Value[]> {
  return { kind: 'list', of, atLeast }
}

export function record<Value>(name: Shape<string>, of: Shape<Value>): Shape<Readonly<Record<string, Value>>> {
  return { kind: 'record', name, of }
}

export function mapping<const M extends Members>(members: M): Shape<MappingValue<M>> {
  return { kind: 'mapping', members, open: 'no' }
}

export function openMapping<const M extends Members>(members: M): Shape<MappingValue<M>> {
  return { kind: 'mapping', members, open: 'yes' }
}

export function either<A, B>(first: Shape<A>, second: Shape<B>, expected: string): Shape<A | B> {
  return { kind: 'either', of: [first, second], expected }
}

export function anything(): Shape {
  return { kind: 'anything' }
}

export function described<Value>(description: string, shape: Shape<Value>): Shape<Value> {
  return { ...shape, description }
}

export function required<Value>(shape: Shape<Value>, description?: string): Member<Value, 'required'> {
  return { shape, presence: 'required', ...(description === undefined ? {} : { description }) }
}

export function optional<Value>(shape: Shape<Value>, description?: string): Member<Value, 'optional'> {
  return { shape, presence: 'optional', ...(description === undefined ? {} : { description }) }
}

export function otherwise<Value>(value: unknown, shape: Shape<Value>, description?: string): Member<Value, 'default'> {
  return { shape, presence: 'default', default: value, ...(description === undefined ? {} : { description }) }
}

/** One line of text, or a list of them. */
export function oneOrMore(lines: Shape<readonly string[]>): Shape<string | readonly string[]> {
  return either(text(1, 4096), lines, 'text or a list of it')
}
