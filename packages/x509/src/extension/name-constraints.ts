import { contextConstructed, type DerReader, SEQUENCE } from '../der/der-reader.ts'
import { type GeneralName, generalName } from '../name/general-name.ts'

/** RFC 5280 §4.2.1.10. */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[]
  readonly excluded: readonly GeneralName[]
}

/** Reads NameConstraints; `minimum` and `maximum` must not be there, and one of the two lists must. */
export function nameConstraints(reader: DerReader, limit: number): NameConstraints {
  const end = reader.enter(SEQUENCE, limit)
  const permitted = subtrees(reader, end, contextConstructed(0))
  const excluded = subtrees(reader, end, contextConstructed(1))
  reader.leave(end)
  if (permitted.length === 0 && excluded.length === 0) reader.refuse('value_missing')
  return { permitted, excluded }
}

function subtrees(reader: DerReader, limit: number, tag: number): readonly GeneralName[] {
  const bases: GeneralName[] = []
  if (reader.peek(limit) !== tag) return bases
  const end = reader.enter(tag, limit)
  while (reader.position < end) {
    const endOfSubtree = reader.enter(SEQUENCE, end)
    const base = generalName(reader, endOfSubtree)
    reader.leave(endOfSubtree)
    if (base !== undefined) bases.push(base)
    if (bases.length > MAXIMUM_SUBTREES) reader.refuse('too_many_elements')
  }
  if (bases.length === 0) reader.refuse('value_missing')
  return bases
}

/** Checking has a budget of its own; this one bounds memory. */
const MAXIMUM_SUBTREES = 10_000
