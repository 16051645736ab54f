import { BOOLEAN, type DerReader, INTEGER, SEQUENCE } from '../der/der-reader.ts'

/** RFC 5280 §4.2.1.9. */
export interface BasicConstraints {
  readonly ca: boolean
  /** Most CA certificates that are not self-issued below this one. */
  readonly pathLength?: number
}

/** Reads BasicConstraints; an explicit `cA FALSE`, which DER would leave out, is common and accepted. */
export function basicConstraints(reader: DerReader, limit: number): BasicConstraints {
  const end = reader.enter(SEQUENCE, limit)
  const ca = reader.peek(end) === BOOLEAN ? reader.boolean(end) : false
  const pathLength = reader.peek(end) === INTEGER ? reader.smallInteger(end) : undefined
  reader.leave(end)
  return pathLength === undefined ? { ca } : { ca, pathLength }
}
