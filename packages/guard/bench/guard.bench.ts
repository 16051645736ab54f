/**
 * What the guard costs by itself, without HTTP: CPU time per decision on one thread.
 *
 *   node --conditions=holdfast-source packages/guard/bench/guard.bench.ts
 */
import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'

import { createGuard } from '../src/index.ts'
import type { RequestFacts } from '../src/index.ts'

const thumbprint = randomBytes(32).toString('base64url')
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const header = base64url({ alg: 'ES256', kid: 'k', typ: 'at+jwt' })
const now = Math.floor(Date.now() / 1000)
const guard = createGuard({
  issuer: 'https://as.example',
  audience: 'https://api.example',
  certificate: { from: 'tls' },
  keys: { jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] } },
})

const tokens = Array.from({ length: 6000 }, (_, index) => issue(index))
const known = tokens.slice(0, 100)
const signatures = tokens.map((token) => {
  const [, , signature = ''] = token.split('.')
  return { data: Buffer.from(token.slice(0, token.lastIndexOf('.'))), signature: Buffer.from(signature, 'base64url') }
})
const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const

// The first thousand warm up what runs.
measure(
  'one crypto.verify alone',
  5000,
  (index) => verified(signatures[1000 + index]),
  () => repeat(1000, (index) => verified(signatures[index])),
)
await decideFirst(0, 1000)
const beforeFirst = process.threadCpuUsage()
await decideFirst(1000, tokens.length)
report('a token never seen before', tokens.length - 1000, beforeFirst)
for (const token of known) await guard.check(factsOf(token))
measure(
  'a known token',
  300_000,
  (index) => decide(known[index % known.length]),
  () => repeat(50_000, (index) => decide(known[index % known.length])),
)

function verified(one: { data: Buffer; signature: Buffer } | undefined): void {
  if (one === undefined || !verify('sha256', one.data, key, one.signature)) throw new Error('not verified')
}

// As HTTP does, each request brings its header as a string of its own.
function factsOf(token: string | undefined): RequestFacts {
  const authorization = Buffer.from(`Bearer ${token ?? ''}`, 'latin1').toString('latin1')
  return { authorization, certificateThumbprint: thumbprint }
}

// As many at once as connections bring: signatures of one turn are verified together.
async function decideFirst(from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 32) {
    const decisions = await Promise.all(
      tokens.slice(start, start + 32).map(async (token) => guard.check(factsOf(token))),
    )
    if (!decisions.every(({ granted }) => granted)) throw new Error('not granted')
  }
}

function decide(token: string | undefined): void {
  const decision = guard.check(factsOf(token))
  if (decision instanceof Promise || !decision.granted) throw new Error('not granted at once')
}

function measure(what: string, times: number, work: (index: number) => void, warm: () => void): void {
  warm()
  const before = process.threadCpuUsage()
  repeat(times, work)
  report(what, times, before)
}

function report(what: string, times: number, before: NodeJS.CpuUsage): void {
  const { user, system } = process.threadCpuUsage(before)
  process.stdout.write(`${what.padEnd(28)}${((user + system) / times).toFixed(2).padStart(8)} µs\n`)
}

function repeat(times: number, work: (index: number) => void): void {
  for (let index = 0; index < times; index += 1) work(index)
}

function issue(index: number): string {
  const claims = {
    ...{
      iss: 'https://as.example',
      aud: 'https://api.example',
      sub: 'acme',
      client_id: 'acme',
      iat: now,
      exp: now + 3600,
    },
    ...{ jti: `token-${index}`, scope: 'orders:read orders:write', cnf: { 'x5t#S256': thumbprint } },
  }
  const input = `${header}.${base64url(claims)}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
