import { hash, randomBytes } from 'node:crypto'
import pg from 'pg'

/**
 * Nothing but durable inserts into PostgreSQL, as a token row has them: one row a statement on so many connections, or so many rows
 * a statement. No HTTP, no client.
 *
 * Arguments: folder and port of the socket, connections, rows a statement, warm-up and measured milliseconds. Prints a line of JSON:
 * rows, seconds and CPU seconds of the measured window.
 */
const [host = '', port = '', connections = '', group = '', warm = '', measure = ''] = process.argv.slice(2)
const clients = Array.from(
  { length: Number(connections) },
  () => new pg.Client({ host, port: Number(port), user: 'holdfast', database: 'postgres' }),
)
for (const client of clients) await client.connect()
await clients[0]?.query(
  'create table if not exists bare (digest text primary key, client_id text, expires_at bigint, record text)',
)
await clients[0]?.query('create index if not exists bare_expiry on bare (expires_at)')
const expiry = Math.floor(Date.now() / 1000) + 600
const record = JSON.stringify({
  clientId: 'client-0',
  subject: 'client-0',
  scope: ['read'],
  audience: ['https://api.bench.example/'],
  issuedAt: expiry - 600,
  expiresAt: expiry,
  confirmation: { 'x5t#S256': 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0' },
})

await insertFor(Number(warm))
const cpuBefore = process.cpuUsage()
const startedAt = performance.now()
const rows = await insertFor(Number(measure))
const seconds = (performance.now() - startedAt) / 1000
const cpu = process.cpuUsage(cpuBefore)
process.stdout.write(`${JSON.stringify({ rows, seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 })}\n`)
for (const client of clients) await client.end()

async function insertFor(milliseconds: number): Promise<number> {
  const until = performance.now() + milliseconds
  let inserted = 0
  const digest = (): string => hash('sha256', randomBytes(32), 'base64url')
  const one = async (client: pg.Client): Promise<void> => {
    await client.query({
      name: 'one',
      text: 'insert into bare values ($1, $2, $3, $4)',
      values: [digest(), 'client-0', expiry, record],
    })
    inserted++
  }
  const many = async (client: pg.Client): Promise<void> => {
    const digests = Array.from({ length: Number(group) }, digest)
    await client.query({
      name: 'many',
      text: 'insert into bare select digest, $2, $3, $4 from unnest($1::text[]) digest',
      values: [digests, 'client-0', expiry, record],
    })
    inserted += digests.length
  }
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < until) await (group === '1' ? one : many)(client)
    }),
  )
  return inserted
}
