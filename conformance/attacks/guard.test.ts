import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:https'
import { before, test } from 'node:test'
import fc from 'fast-check'
import { createGuard } from '@holdfast/guard'
import { guarded } from '@holdfast/guard/node'
import { createTestAuthority, listenOnLoopback } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import { untilFileEnds } from './attacked-server.ts'
import { es256, forgeries, jws } from './forgeries.ts'
import { rawExchange, rawRequest } from './raw-exchange.ts'
import type { RawAnswer } from './raw-exchange.ts'

const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const authority = createTestAuthority()
const identity = authority.issueServer(['api.test'])
const holder = authority.issue({ commonName: 'holder' })
const thief = authority.issue({ commonName: 'thief' })
const header = { alg: 'ES256', kid: 'k', typ: 'at+jwt' }
const claims = {
  iss: 'https://as.test',
  aud: 'https://api.test',
  sub: 'acme',
  client_id: 'acme',
  iat: Math.floor(Date.now() / 1000),
  exp: Math.floor(Date.now() / 1000) + 300,
  jti: 'one',
  cnf: { 'x5t#S256': holder.thumbprint },
}

const file = untilFileEnds()
let port: number

before(async () => {
  const guard = createGuard({
    issuer: 'https://as.test',
    audience: 'https://api.test',
    certificate: { from: 'tls' },
    keys: { jwks: { keys: [{ ...signer.publicKey.export({ format: 'jwk' }), kid: 'k' }] } },
  })
  const tls = { cert: identity.chainPem, key: identity.keyPem, requestCert: true, rejectUnauthorized: false }
  port = await listenOnLoopback(
    file,
    createServer(
      tls,
      guarded(guard, (_request, response) => response.end('let in')),
    ),
  )
})

test('a guarded API lets no forged or stolen token in, and its holder', async () => {
  const token = jws(header, claims, es256(signer.privateKey))
  assert.equal((await call([`Authorization: Bearer ${token}`], holder)).body.includes('let in'), true)
  for (const certificate of [thief, undefined]) {
    const refused = await call([`Authorization: Bearer ${token}`], certificate)
    assert.equal(refused.status, 401)
    assert.match(refused.head, /www-authenticate: Bearer .*error="invalid_token"/i)
  }
  const forged = [
    ...forgeries(claims, signer, es256, { kid: 'k', typ: 'at+jwt' }),
    ...(['cnf', 'exp', 'iss', 'aud'] as const).map(
      (claim) => [`no ${claim}`, jws(header, { ...claims, [claim]: undefined }, es256(signer.privateKey))] as const,
    ),
    ...[{}, null, [], 'x', { 'x5t#s256': holder.thumbprint }, { 'x5t#S256': [holder.thumbprint] }, { jkt: 'x' }].map(
      (cnf) => [`cnf ${JSON.stringify(cnf)}`, jws(header, { ...claims, cnf }, es256(signer.privateKey))] as const,
    ),
    ['an assertion as token', jws({ ...header, typ: 'JWT' }, claims, es256(signer.privateKey))] as const,
  ]
  for (const [what, text] of forged) {
    const answer = await call([`Authorization: Bearer ${text}`], holder)
    assert.ok([400, 401].includes(answer.status), `${what}: ${answer.status}`)
  }
})

test('CVE-2026-9803: no Authorization header, however malformed, gets into a guarded API or ends it', async () => {
  const token = jws(header, claims, es256(signer.privateKey))
  const text = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) })
  const value = fc.oneof(
    text,
    fc.tuple(fc.constantFrom('Bearer', 'bearer', 'DPoP', 'Basic'), text).map((both) => both.join(' ')),
    fc
      .tuple(
        text.filter((garbage) => garbage.trim() !== ''),
        fc.constantFrom('', ' '),
      )
      .map(([garbage, gap]) => `Bearer ${token}${gap}${garbage}`),
    fc.constantFrom(
      '',
      'Bearer',
      'Bearer ',
      'Bearer .',
      'Bearer ..',
      'Bearer ....',
      `Bearer ${token},`,
      `Bearer, ${token}`,
    ),
    fc.constant(`Bearer ${'.'.repeat(12_000)}`),
  )
  await fc.assert(
    fc.asyncProperty(value, async (authorization) => {
      const answer = await call([`Authorization: ${authorization}`], holder)
      assert.ok([400, 401].includes(answer.status), `${authorization}: ${answer.status}`)
    }),
    { numRuns: 150 },
  )
  const twice = await call([`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`], holder)
  assert.equal(twice.status, 400)
  assert.equal((await call([`Authorization: Bearer ${token}`], holder)).status, 200)
})

function call(lines: readonly string[], certificate?: TestCertificate): Promise<RawAnswer> {
  const own = certificate === undefined ? {} : { cert: certificate.chainPem, key: certificate.keyPem }
  const tls = { servername: 'api.test', ca: authority.rootPem, ...own }
  return rawExchange({ port, tls }, rawRequest('GET', '/', 'api.test', lines))
}
