import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createSelfSignedCertificate } from '@holdfast/testkit'
import type { DpopNonces } from '../port/dpop-nonces.ts'
import type { Answer } from '../protocol-error/answer.ts'
import {
  codeOf,
  delegatedFakePorts,
  type DelegatedFakePorts,
  dpopKey,
  dpopProofOf,
  redemption,
  tokenEndpoint,
} from './delegated-fake-ports.test.ts'
import { errorOf, presented, reasonOf, request } from './fake-ports.test.ts'

const client = {
  client_id: 'acme',
  grant_types: ['client_credentials', 'authorization_code'],
  scope: 'orders:read',
  token_endpoint_auth_method: 'client_secret_post',
  client_secret_hash: 'hash of s',
  dpop_bound_access_tokens: true,
}
const key = dpopKey()
const main = { htu: 'https://login.example/token' }

function ports(nonces?: DpopNonces): DelegatedFakePorts {
  const fakes = delegatedFakePorts({ clients: [client, { ...client, client_id: 'off', disabled: true }] })
  return nonces === undefined || fakes.dpop === undefined ? fakes : { ...fakes, dpop: { ...fakes.dpop, nonces } }
}

const ask = (fakes: DelegatedFakePorts, dpop: string | undefined, more: object = {}): Promise<Answer> =>
  tokenEndpoint(fakes)(
    request(
      { grant_type: 'client_credentials', client_id: 'acme', client_secret: 's' },
      { role: 'main', dpop, ...more },
    ),
  )

describe('DPoP at the token endpoint', () => {
  test('RFC9449-D21 a client that registered it gets nothing without a proof', async () => {
    const fakes = ports()
    assert.equal(errorOf(await ask(fakes, undefined)), 'invalid_dpop_proof')
    const certificate = presented(createSelfSignedCertificate({ commonName: 'x' }))
    assert.equal(errorOf(await ask(fakes, undefined, { certificate })), 'invalid_dpop_proof')
  })

  test('RFC9449-D12 a proof counts once, also of many at the same time', async () => {
    const fakes = ports()
    const proof = dpopProofOf(key, fakes.clock.now(), main)
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(fakes, proof)))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, ...Array<number>(9).fill(400)])
    assert.equal(reasonOf(fakes as never), 'dpop_proof_replayed')
  })

  test('RFC9449-D7 at an alias the URL is the alias, at the main host it is not', async () => {
    const fakes = ports()
    const now = fakes.clock.now()
    assert.equal((await ask(fakes, dpopProofOf(key, now), { role: 'mtls' })).status, 200)
    assert.equal(errorOf(await ask(fakes, dpopProofOf(key, now))), 'invalid_dpop_proof')
    assert.equal((await ask(fakes, dpopProofOf(key, now, main))).status, 200)
  })

  test('RFC9449-D13 a proof whose signature another key made is refused', async () => {
    const fakes = ports()
    const forged = dpopProofOf(key, fakes.clock.now(), main, { jwk: dpopKey().jwk })
    assert.equal(errorOf(await ask(fakes, forged)), 'invalid_dpop_proof')
    assert.deepEqual((fakes.events.at(-1) as { failure?: unknown }).failure, {
      reason: 'dpop_proof_refused',
      problem: 'signature_invalid',
    })
  })

  test('RFC9449-D50 where nonces are wanted, the answer brings one, and the next proof has it', async () => {
    const nonces: DpopNonces = { current: () => 'fresh', accepts: (nonce) => nonce === 'fresh' || nonce === 'last' }
    const fakes = ports(nonces)
    const proof = (nonce: string | undefined): string => dpopProofOf(key, fakes.clock.now(), { ...main, nonce })
    for (const nonce of [undefined, 'stale']) {
      const refused = await ask(fakes, proof(nonce))
      assert.deepEqual(
        [refused.status, errorOf(refused), refused.headers['dpop-nonce']],
        [400, 'use_dpop_nonce', 'fresh'],
      )
      assert.equal(refused.headers['cache-control'], 'no-store')
    }
    for (const nonce of ['fresh', 'last']) assert.equal((await ask(fakes, proof(nonce))).status, 200)
  })

  test('RFC9449-D51 a proof that is refused for its nonce is not used up, and fills no memory', async () => {
    let accepted = false
    const fakes = ports({ current: () => 'n', accepts: () => accepted })
    const proof = dpopProofOf(key, fakes.clock.now(), { ...main, nonce: 'n' })
    assert.equal(errorOf(await ask(fakes, proof)), 'use_dpop_nonce')
    accepted = true
    assert.equal((await ask(fakes, proof)).status, 200)
  })

  test('RFC9449-D52 where DPoP is not offered a proof is refused, never passed over', async () => {
    const { dpop: _, ...fakes } = ports()
    assert.equal(
      errorOf(await ask(fakes as DelegatedFakePorts, dpopProofOf(key, fakes.clock.now(), main))),
      'invalid_dpop_proof',
    )
  })

  test('a memory that is away or full refuses, and what the proof was for is not used up', async () => {
    const fakes = ports()
    const { code } = await codeOf(fakes, 'acme')
    const redeem = (more: object): Promise<Answer> =>
      tokenEndpoint({ ...fakes, ...more })(
        request(
          { ...redemption('acme', code), client_secret: 's' },
          { role: 'main', dpop: dpopProofOf(key, fakes.clock.now(), main) },
        ),
      )
    assert.equal((await redeem({ replays: { take: () => Promise.reject(new Error('away')) } })).status, 503)
    assert.equal((await redeem({ replays: { take: () => Promise.resolve('full') } })).status, 503)
    assert.equal((await redeem({})).status, 200)
  })

  test('CVE-2026-1486: a disabled client earns nothing by a code or a refresh token that it holds', async () => {
    const fakes = ports()
    const { code } = await codeOf(fakes, 'off')
    const dpop = dpopProofOf(key, fakes.clock.now(), main)
    for (const form of [
      redemption('off', code),
      { grant_type: 'refresh_token', client_id: 'off', refresh_token: 'x' },
    ]) {
      const answer = await tokenEndpoint(fakes)(request({ ...form, client_secret: 's' }, { role: 'main', dpop }))
      assert.deepEqual([answer.status, errorOf(answer)], [401, 'invalid_client'])
    }
  })

  test('a rule that is tried out reports what it would refuse, and nothing changes', async () => {
    const open = { ...client, dpop_bound_access_tokens: false, report_only: 'bound' }
    const fakes = delegatedFakePorts({ clients: [open] })
    assert.equal((await ask(fakes, undefined)).status, 200)
    const reported = fakes.events.find(({ event }) => event === 'would_have_refused')
    assert.deepEqual((reported as { failure?: unknown } | undefined)?.failure, {
      reason: 'binding_certificate_missing',
      role: 'main',
    })
    fakes.events.length = 0
    assert.equal((await ask(fakes, dpopProofOf(key, fakes.clock.now(), main))).status, 200)
    assert.deepEqual(
      fakes.events.map(({ event }) => event),
      ['token_issued'],
    )
  })
})
