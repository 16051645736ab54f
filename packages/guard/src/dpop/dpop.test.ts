import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { describe, test } from 'node:test'

import { createGuard } from '../create-guard.ts'
import type { Decision } from '../decision.ts'
import type { GuardOptions } from '../guard-options.ts'
import { createProofMemory } from './proof-memory.ts'

const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const holder = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const thief = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const now = 1_800_000_000
const origin = 'https://api.example'

function signed(header: object, claims: object, key: KeyObject): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function thumbprint({ publicKey }: { readonly publicKey: KeyObject }): string {
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}

const tokenOf = (cnf: object | undefined): string =>
  signed(
    { alg: 'ES256', typ: 'at+jwt', kid: 'k' },
    {
      iss: 'https://as.example',
      aud: origin,
      exp: now + 300,
      sub: 'a',
      client_id: 'a',
      iat: now,
      jti: randomUUID(),
      cnf,
    },
    issuer.privateKey,
  )
const token = tokenOf({ jkt: thumbprint(holder) })

const proof = (claims: object = {}, by = holder): string =>
  signed(
    { alg: 'ES256', typ: 'dpop+jwt', jwk: by.publicKey.export({ format: 'jwk' }) },
    {
      jti: randomUUID(),
      htm: 'GET',
      htu: `${origin}/orders`,
      iat: now,
      ath: createHash('sha256').update(token).digest('base64url'),
      ...claims,
    },
    by.privateKey,
  )

const guard = (more: Partial<GuardOptions> = {}): ReturnType<typeof createGuard> =>
  createGuard({
    issuer: 'https://as.example',
    audience: origin,
    certificate: { from: 'caller' },
    keys: { jwks: { keys: [{ ...issuer.publicKey.export({ format: 'jwk' }), kid: 'k' }] } },
    clock: { now: () => now },
    dpop: { origin },
    ...more,
  })

const ask = (
  one: ReturnType<typeof createGuard>,
  authorization: string,
  dpop: string | undefined,
  url = `${origin}/orders?page=2`,
): Decision | Promise<Decision> =>
  one.check(one.factsOfFetch(new Request(url, { headers: { authorization, ...(dpop === undefined ? {} : { dpop }) } })))
const reason = (decision: Decision): string => (decision.granted ? 'granted' : decision.refusal.failure.reason)

describe('a guard that takes DPoP', () => {
  test('RFC9449-D33 the holder of the key passes, again and again with new proofs, and is told apart', async () => {
    const one = guard()
    for (let round = 0; round < 3; round++) {
      const decision = await ask(one, `DPoP ${token}`, proof())
      assert.ok(decision.granted, JSON.stringify(decision))
      assert.equal(decision.access.boundTo, thumbprint(holder))
    }
  })

  const wrong: readonly (readonly [string, string, string | undefined, string])[] = [
    ['RFC9449-D30 as bearer', `Bearer ${token}`, proof(), 'token_proof_missing'],
    ['RFC9449-D33 without proof', `DPoP ${token}`, undefined, 'dpop_proof_missing'],
    ['RFC9449-D33 with a thief’s proof', `DPoP ${token}`, proof({}, thief), 'token_key_mismatch'],
    ['RFC9449-D33 for another URL', `DPoP ${token}`, proof({ htu: `${origin}/other` }), 'dpop_proof_refused'],
    ['RFC9449-D33 for another method', `DPoP ${token}`, proof({ htm: 'POST' }), 'dpop_proof_refused'],
    ['RFC9449-D33 over another token', `DPoP ${token}`, proof({ ath: 'x' }), 'dpop_proof_refused'],
    ['RFC9449-D33 of yesterday', `DPoP ${token}`, proof({ iat: now - 86_400 }), 'dpop_proof_refused'],
    ['RFC9449-D33 with two proofs', `DPoP ${token}`, `${proof()}, ${proof()}`, 'dpop_proof_refused'],
    [
      'RFC9449-D32 a token bound to a certificate',
      `DPoP ${tokenOf({ 'x5t#S256': thumbprint(holder) })}`,
      proof(),
      'token_not_bound_to_key',
    ],
    ['RFC9449-D32 a bearer token', `DPoP ${tokenOf(undefined)}`, proof(), 'token_not_bound_to_key'],
    ['something else than a token', 'DPoP {}', proof(), 'authorization_header_malformed'],
  ]
  for (const [name, authorization, dpop, expected] of wrong) {
    test(`${name}: ${expected}`, async () => assert.equal(reason(await ask(guard(), authorization, dpop)), expected))
  }

  test('RFC9449-D34 a proof passes once, and the challenge says what is wanted', async () => {
    const one = guard()
    const once = proof()
    assert.equal(reason(await ask(one, `DPoP ${token}`, once)), 'granted')
    const again = await ask(one, `DPoP ${token}`, once)
    assert.ok(!again.granted)
    assert.equal(again.answer.status, 401)
    assert.match(
      String(again.answer.headers['www-authenticate']),
      /^DPoP error="invalid_dpop_proof".*algs="ES256 EdDSA PS256 RS256"/,
    )
  })

  test('a proof with a signature that was changed is refused before anything is remembered', async () => {
    const shared: string[] = []
    const one = guard({ dpop: { origin, firstUse: (_key, jti) => shared.push(jti) > 0 } })
    const good = proof()
    const changed = `${good.slice(0, -4)}${good.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`
    assert.equal(reason(await ask(one, `DPoP ${token}`, changed)), 'dpop_proof_refused')
    assert.deepEqual(shared, [])
    assert.equal(reason(await ask(one, `DPoP ${token}`, good)), 'granted')
    assert.equal(shared.length, 1)
  })

  test('a memory of proofs that is away is a 503, never a pass', async () => {
    const away = guard({ dpop: { origin, firstUse: () => Promise.reject(new Error('away')) } })
    const decision = await ask(away, `DPoP ${token}`, proof())
    assert.ok(!decision.granted && decision.answer.status === 503)
  })
})

test('a guard without dpop takes no token that is bound to a key', async () => {
  const one = createGuard({
    issuer: 'https://as.example',
    audience: origin,
    certificate: { from: 'caller' },
    keys: { jwks: { keys: [{ ...issuer.publicKey.export({ format: 'jwk' }), kid: 'k' }] } },
    clock: { now: () => now },
  })
  assert.equal(reason(await ask(one, `DPoP ${token}`, proof())), 'token_missing')
  assert.equal(reason(await ask(one, `Bearer ${token}`, proof())), 'token_proof_missing')
})

test('a guard that reports only: a bearer token passes, and it is told that required would have refused it', async () => {
  const told: string[] = []
  const one = guard({
    binding: 'if_bound',
    onWouldRefuse: ({ failure, status }) => {
      told.push(`${status} ${failure.reason}`)
      throw new Error('the log is full')
    },
  })
  assert.equal(reason(await ask(one, `Bearer ${tokenOf(undefined)}`, undefined)), 'granted')
  assert.equal(reason(await ask(one, `DPoP ${token}`, proof())), 'granted')
  assert.deepEqual(told, ['401 token_not_bound'])
})

test('wrong options are named', () => {
  for (const dpop of [
    { origin: 'http://api.example' },
    { origin: 'https://api.example/' },
    { origin, algorithms: ['HS256'] },
  ]) {
    assert.throws(() => guard({ dpop } as never), /guard options: dpop\./)
  }
})

test('the memory of proofs refuses when it is full, and forgets what has ended', () => {
  const memory = createProofMemory()
  for (let index = 0; index < 100_000; index++) assert.equal(memory('k', String(index), now + 60, now), 'first')
  assert.equal(memory('k', 'one more', now + 60, now), 'full')
  assert.equal(memory('k', '7', now + 60, now), 'replayed')
  assert.equal(memory('k', 'one more', now + 160, now + 61), 'first')
})
