import type { AuditEvent } from '@holdfast/core'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** The event with this correlation id in an audit file, one JSON object a line; the last one when there are several. */
export async function findAuditEvent(path: string, correlationId: string): Promise<AuditEvent | undefined> {
  let found: AuditEvent | undefined
  for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
    if (!line.includes(correlationId)) continue
    const event = auditEvent(line)
    if (event?.correlationId === correlationId) found = event
  }
  return found
}

/** One line of an audit file; `undefined` for one that is cut off or none of ours. */
export function auditEvent(line: string): AuditEvent | undefined {
  try {
    const value: unknown = JSON.parse(line)
    const isEvent = typeof value === 'object' && value !== null && 'event' in value && 'correlationId' in value
    return isEvent ? (value as AuditEvent) : undefined
  } catch {
    // The last line of a file that is still being written may be half a line.
    return undefined
  }
}
