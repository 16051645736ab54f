import { createHash, randomBytes } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, write } from 'node:fs'
import type { AuditEvent } from '@holdfast/core'
import type { LogDestination } from '../config/configuration.ts'
import { plainFacts } from '../log/plain-facts.ts'

/** The audit trail: one JSON line per event, append only. */
export interface AuditFile {
  /** Fulfilled once the line is in the file; rejects when it could not be written. */
  append(event: AuditEvent): Promise<void>
  /** Opens the file anew, after it was moved away. */
  reopen(): void
  close(): Promise<void>
}

/**
 * Opens the trail, mode 0600.
 *
 * With `chain: 'sha256'` each line carries `writer`, `seq` and `prev`, the SHA-256 of the line before of the same writer;
 * a writer's first `prev` is that of the file's last line. So several processes can share a file, and a line that was
 * changed or taken out shows. Lines of one turn are written together.
 */
export function openAuditFile(to: LogDestination, chain: 'off' | 'sha256'): AuditFile {
  const writer = randomBytes(9).toString('base64url')
  let file = open(to)
  let seq = 0
  let previous = to.kind === 'file' && chain === 'sha256' ? lastLineHash(to.path) : ''
  let waiting: Line[] = []
  let writing = false
  let idle: (() => void) | undefined

  function lineOf(event: AuditEvent): string {
    const record = { time: new Date(event.at * 1000).toISOString(), ...event }
    if (chain === 'off') return JSON.stringify(record, plainFacts)
    const line = JSON.stringify({ writer, seq: seq++, prev: previous, ...record }, plainFacts)
    previous = hashOf(line)
    return line
  }

  function writeWaiting(): void {
    const lines = waiting
    waiting = []
    const bytes = Buffer.from(lines.map((line) => `${line.text}\n`).join(''))
    writeAll(file, bytes, (error) => {
      for (const line of lines) {
        if (error === null) line.resolve()
        else line.reject(error)
      }
      if (waiting.length > 0) return writeWaiting()
      writing = false
      idle?.()
    })
  }

  return {
    append: (event) =>
      new Promise((resolve, reject) => {
        if (waiting.length >= maximumWaiting) return reject(new Error('the audit trail cannot be written fast enough'))
        waiting.push({ text: lineOf(event), resolve, reject })
        if (writing) return
        writing = true
        setImmediate(writeWaiting)
      }),
    reopen: () => {
      if (to.kind !== 'file') return
      const before = file
      file = open(to)
      closeSync(before)
    },
    close: () =>
      new Promise((resolve) => {
        const end = (): void => {
          if (to.kind === 'file') closeSync(file)
          resolve()
        }
        if (writing) idle = end
        else end()
      }),
  }
}

interface Line {
  readonly text: string
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

function open(to: LogDestination): number {
  if (to.kind === 'file') return openSync(to.path, 'a', 0o600)
  return to.kind === 'stdout' ? 1 : 2
}

function writeAll(file: number, bytes: Buffer, done: (error: Error | null) => void): void {
  write(file, bytes, (error, written) => {
    if (error !== null) done(error)
    else if (written < bytes.length) writeAll(file, bytes.subarray(written), done)
    else done(null)
  })
}

function lastLineHash(path: string): string {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const length = Math.min(size, maximumLine)
    const tail = Buffer.alloc(length)
    readSync(file, tail, 0, length, size - length)
    const text = tail.toString('utf8').trimEnd()
    return text === '' ? '' : hashOf(text.slice(text.lastIndexOf('\n') + 1))
  } finally {
    closeSync(file)
  }
}

function hashOf(line: string): string {
  return createHash('sha256').update(line).digest('base64url')
}

/** Facts are bounded one by one; a line of this length is none of ours. */
const maximumLine = 1_048_576
const maximumWaiting = 10_000
