import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { joseSignature } from './candidate/jose-signature.ts'
import { accessTokens } from './fixture/access-tokens.ts'
import { benchFixture } from './fixture/bench-fixture.ts'
import { responseReader } from './load/response-reader.ts'
import { hiddenFields } from './measure/browse.ts'
import { disagreement, medianMeasurement } from './measure/measurement.ts'
import { processTree, processUsage } from './measure/process-usage.ts'
import { doubts, targetResults } from './report.ts'
import { type Target, cpuRatio } from './row/bench-row.ts'
import { provePeople } from './row/people-load.ts'
import { proveOpaqueTokens, proveTokens } from './row/token-load.ts'

const fixture = benchFixture(2)
after(() => fixture.remove())

const target: Target = {
  text: '× peer',
  unit: '×',
  better: 'higher',
  mustReach: 4.5,
  aimAt: 6,
  value: cpuRatio('peer', 'holdfast'),
}

function judged(holdfast: number, peer: number, of: Target = target): string | undefined {
  const rounds = new Map([
    ['holdfast', [{ cpuMicrosecondsPerRequest: holdfast }]],
    ['peer', [{ cpuMicrosecondsPerRequest: peer }]],
  ])
  return targetResults({ row: { id: 'row', title: 'row', contestants: [], targets: [of] }, rounds })[0]?.verdict
}

test('a target is missed below its bound, reached at it, and met at the aim', () => {
  assert.equal(judged(100, 449), 'missed')
  assert.equal(judged(100, 450), 'reached')
  assert.equal(judged(100, 600), 'aim')
})

test('a target that is better when lower is judged from the other side', () => {
  const lower: Target = { ...target, better: 'lower', mustReach: 2, aimAt: 1 }
  assert.equal(judged(100, 201, lower), 'missed')
  assert.equal(judged(100, 200, lower), 'reached')
  assert.equal(judged(100, 100, lower), 'aim')
})

test('a target without its contestants is not measured, and no pass', () => {
  assert.equal(judged(Number.NaN, 450), 'not measured')
})

test('figures of a server that its load did not keep busy are doubted', () => {
  const row = { id: 'row', title: 'row', contestants: [], targets: [] }
  const busy = (share: number) => new Map([['limit', [{ busyCores: share }]]])
  assert.deepEqual(doubts({ row, rounds: busy(0.95) }), [])
  assert.match(doubts({ row, rounds: busy(0.3) }).join(), /limit/)
})

test('a median is taken of each figure by itself, over the rounds that have it', () => {
  const rounds = [{ requestsPerSecond: 3, p50Milliseconds: 9 }, { requestsPerSecond: 1 }, { requestsPerSecond: 2 }]
  assert.deepEqual(medianMeasurement(rounds), { requestsPerSecond: 2, p50Milliseconds: 9 })
  assert.equal(disagreement(rounds, 'requestsPerSecond'), 0.25)
})

test('a response is found whole however it is cut, wherever its length stands', () => {
  const reader = responseReader()
  fc.assert(
    fc.property(
      fc.string({ maxLength: 300 }),
      fc.constantFrom('Content-Length', 'content-length'),
      fc.array(fc.constantFrom('date: now', 'x-content-length: 7', 'a: b'), { maxLength: 3 }),
      (text, field, others) => {
        const body = Buffer.from(text)
        const head = ['HTTP/1.1 201 Created', ...others, `${field}: ${body.length}`, 'z: z'].join('\r\n')
        const response = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body])
        // What follows in the buffer is left over from an earlier answer and must not count.
        const bytes = Buffer.concat([response, Buffer.from('\r\n\r\ncontent-length: 1\r\n\r\n')])
        for (let length = 0; length < response.length; length++) assert.equal(reader.responseLength(bytes, length), 0)
        assert.equal(reader.responseLength(bytes, response.length), response.length)
        assert.equal(reader.status, 201)
        assert.equal(reader.bodyStart, response.length - body.length)
      },
    ),
    { numRuns: 300 },
  )
})

test('a response without a length is an error of the benchmark, not a fast answer', () => {
  const bytes = Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n')
  assert.throws(() => responseReader().responseLength(bytes, bytes.length), /without content-length/)
})

test('the limit’s own R‖S signatures verify, short integers included', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  for (let at = 0; at < 600; at++) {
    const data = Buffer.from(String(at))
    const signature = joseSignature(sign('sha256', data, privateKey))
    assert.equal(signature.length, 64)
    assert.ok(verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature))
  }
})

test('CPU time is charged for a process and all that descend from it', () => {
  const spent = (): number => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }
  const enough = spent() + 0.1
  while (spent() < enough);
  const before = spent()
  const { cpuSeconds, residentBytes } = processUsage([process.pid])
  // Two counters of ticks of 10 ms, and what passes between the two looks.
  assert.ok(cpuSeconds >= before - 0.03 && cpuSeconds <= spent() + 0.03, `${cpuSeconds} s, and ${before} s before`)
  assert.ok(Math.abs(residentBytes / process.memoryUsage.rss() - 1) < 0.3)
  assert.ok(processTree([process.ppid]).includes(process.pid))
})

test('a candidate cannot win with tokens of another client, key, or without a certificate’s binding', () => {
  const [first = '', second = ''] = accessTokens(fixture, 2)
  const body = (token: string): string => JSON.stringify({ access_token: token, token_type: 'Bearer' })
  const prove = (client: number, text: string, key = fixture.es256.publicKey): void =>
    proveTokens([{ client, body: text }], fixture.clients, 'ES256', [key])
  prove(0, body(first))
  prove(1, body(second))
  assert.throws(() => prove(1, body(first)), /client_id.*cnf/)
  assert.throws(() => prove(0, body(first), fixture.rs256.publicKey), /a good signature/)
  assert.throws(() => prove(0, body(first.slice(0, -4) + 'AAAA')), /a good signature/)
  const twice = { client: 0, body: body(first) }
  assert.throws(() => proveTokens([twice, twice], fixture.clients, 'ES256', [fixture.es256.publicKey]), /jti/)
  assert.throws(() => proveTokens([], fixture.clients, 'ES256', [fixture.es256.publicKey]), /no answer/)
})

test('a candidate cannot win with one opaque token for all', () => {
  const sample = { client: 0, body: JSON.stringify({ access_token: 'x'.repeat(43), token_type: 'Bearer' }) }
  proveOpaqueTokens([sample])
  assert.throws(() => proveOpaqueTokens([sample, sample]), /no opaque token/)
  assert.throws(() => proveOpaqueTokens([{ client: 0, body: '{}' }]), /no opaque token/)
})

test('a candidate cannot win a code flow without an ID token for the person and his client, and a refresh token', () => {
  const idToken = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`
  const prove = (client: number, claims: object, refresh_token?: string): void =>
    provePeople([{ client, body: JSON.stringify({ id_token: idToken(claims), refresh_token }) }], 'code')
  prove(0, { sub: 'ada', aud: 'client-0' }, 'x'.repeat(43))
  assert.throws(() => prove(1, { sub: 'ada', aud: 'client-0' }, 'x'.repeat(43)), /no ID token/)
  assert.throws(() => prove(0, { sub: 'eve', aud: 'client-0' }, 'x'.repeat(43)), /no ID token/)
  assert.throws(() => prove(0, { sub: 'ada', aud: 'client-0' }), /no refresh token/)
})

test('what a page asks to be sent back is found among its fields', () => {
  const body =
    '<input type="hidden" name="csrf" value="a1"><input id="username" name="username"><input name="b" value="">'
  assert.deepEqual(hiddenFields({ path: '/', body }), { csrf: 'a1', b: '' })
})
