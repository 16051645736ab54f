import { hash, randomBytes } from 'node:crypto'
import { openTokenTable } from './token-table.ts'

/**
 * Nothing but durable inserts, `group` at a time, as a token row has them: no HTTP, no client.
 *
 * Arguments: database file, rows a group, warm-up and measured milliseconds. Prints a line of JSON: rows, seconds and
 * CPU seconds of the measured window.
 */
const [file = '', group = '', warm = '', measure = ''] = process.argv.slice(2)
const { database, insert } = openTokenTable(file)
const thumbprint = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0'
const expiry = Math.floor(Date.now() / 1000) + 600

insertFor(Number(warm))
const cpuBefore = process.cpuUsage()
const startedAt = performance.now()
const rows = insertFor(Number(measure))
const seconds = (performance.now() - startedAt) / 1000
const cpu = process.cpuUsage(cpuBefore)
process.stdout.write(`${JSON.stringify({ rows, seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 })}\n`)

function insertFor(milliseconds: number): number {
  const until = performance.now() + milliseconds
  let inserted = 0
  while (performance.now() < until) {
    database.exec('BEGIN IMMEDIATE')
    for (let at = 0; at < Number(group); at++) {
      const digest = hash('sha256', randomBytes(32), 'buffer')
      const client = `client-${inserted++ % 100}`
      insert.run(digest, client, thumbprint, 'read', 'https://api.bench.example/', expiry)
    }
    database.exec('COMMIT')
  }
  return inserted
}
