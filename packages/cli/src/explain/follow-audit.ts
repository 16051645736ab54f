import type { AuditEvent } from '@holdfast/core'
import { closeSync, openSync, readSync, statSync, watch } from 'node:fs'
import { auditEvent } from './audit-file.ts'

/** Tells every event that is written to an audit file from now on, until it is closed. */
export function followAudit(path: string, tell: (event: AuditEvent) => void): { close(): void } {
  let read = statSync(path).size
  let rest = ''
  const watcher = watch(path, () => {
    const file = openSync(path, 'r')
    try {
      for (let length = statSync(path).size - read; length > 0; length = statSync(path).size - read) {
        const chunk = Buffer.alloc(length)
        read += readSync(file, chunk, 0, length, read)
        rest += chunk.toString('utf8')
      }
    } finally {
      closeSync(file)
    }
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = auditEvent(line)
      if (event !== undefined) tell(event)
    }
  })
  return {
    close: () => {
      watcher.close()
    },
  }
}
