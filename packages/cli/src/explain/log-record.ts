import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** A line of the log, as far as an explanation needs it. */
export interface LogRecord {
  readonly event: string
  readonly correlationId: string
  readonly time?: string
  readonly [member: string]: unknown
}

/**
 * The record with this correlation id in a log; of several, one that says why.
 *
 * What stands before the object is passed over: journals and containers put time and program there. `-` is standard input.
 */
export async function findLogRecord(path: string, correlationId: string): Promise<LogRecord | undefined> {
  const input = path === '-' ? process.stdin : createReadStream(path, 'utf8')
  let found: LogRecord | undefined
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (!line.includes(correlationId)) continue
    const record = logRecord(line)
    if (record?.correlationId !== correlationId) continue
    if (found === undefined || record.event !== 'request_answered') found = record
  }
  return found
}

/** One line of the log; `undefined` for one that is cut off, or none of ours. */
export function logRecord(line: string): LogRecord | undefined {
  try {
    const value: unknown = JSON.parse(line.slice(line.indexOf('{')))
    const isRecord = typeof value === 'object' && value !== null && 'event' in value && 'correlationId' in value
    return isRecord ? (value as LogRecord) : undefined
  } catch {
    return undefined
  }
}

/** The reference in what somebody pasted: itself, an `error_description`, or a whole line of the log. */
export function referenceIn(text: string): string {
  return logRecord(text)?.correlationId ?? /\(reference ([^)\s]+)\)/.exec(text)?.[1] ?? text.trim()
}
