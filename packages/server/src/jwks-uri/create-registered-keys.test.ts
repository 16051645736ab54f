import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { fixedClock } from '@holdfast/testkit'
import type { FixedClock } from '@holdfast/testkit'
import { fail, ok } from '@holdfast/x509'
import type { RegisteredKeys } from '@holdfast/core'
import { createRegisteredKeys } from './create-registered-keys.ts'
import type { FetchJson } from './fetch-json.ts'

const jwk = (kid: string): object => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid,
})
const first = { keys: [jwk('first')] }
const second = { keys: [jwk('second')] }
const uri = 'https://client.example/jwks'

test('a set is fetched once and kept for as long as its server says, between a minute and an hour', async () => {
  for (const [maxAge, kept] of [
    [undefined, 600],
    [1, 60],
    [300, 300],
    [999_999, 3600],
  ] as const) {
    const at = given(() => ok({ value: first, maxAge }))
    assert.deepEqual(await kids(at.keys), ['first'])
    at.clock.advance(kept - 1)
    assert.deepEqual(await kids(at.keys), ['first'])
    assert.equal(at.asked(), 1)
    at.clock.advance(1)
    await kids(at.keys)
    assert.equal(at.asked(), 2)
  }
})

test('many who ask at once cause one request', async () => {
  const at = given(() => ok({ value: first, maxAge: undefined }))
  await Promise.all(Array.from({ length: 50 }, () => kids(at.keys)))
  assert.equal(at.asked(), 1)
})

test('a key that is not known is looked for anew, at most every ten seconds', async () => {
  let set = first
  const at = given(() => ok({ value: set, maxAge: undefined }))
  assert.deepEqual(await kids(at.keys), ['first'])
  set = second
  assert.deepEqual(await kids(at.keys, 'keysAfresh'), ['first'])
  at.clock.advance(10)
  assert.deepEqual(await kids(at.keys, 'keysAfresh'), ['second'])
  for (let guess = 0; guess < 20; guess++) await at.keys.keysAfresh(uri)
  assert.equal(at.asked(), 2)
})

test('when the server is away what was known serves for an hour more, then no longer', async () => {
  let away = false
  const at = given(() => (away ? fail({ problem: 'ECONNREFUSED' }) : ok({ value: first, maxAge: 600 })))
  await kids(at.keys)
  away = true
  at.clock.advance(600 + 3599)
  assert.deepEqual(await kids(at.keys), ['first'])
  at.clock.advance(31)
  assert.deepEqual(await at.keys.keys(uri), fail({ problem: 'ECONNREFUSED' }))
})

test('a failure is remembered for half a minute, so that a dead server is not asked by every request', async () => {
  let away = true
  const at = given(() => (away ? fail({ problem: 'ECONNREFUSED' }) : ok({ value: first, maxAge: 600 })))
  for (let request = 0; request < 10; request++) assert.ok(!(await at.keys.keys(uri)).ok)
  assert.equal(at.asked(), 1)
  away = false
  at.clock.advance(30)
  assert.deepEqual(await kids(at.keys), ['first'])
})

test('a set without a usable key is a failure that says why', async () => {
  const at = given(() => ok({ value: { keys: [{ kty: 'EC', crv: 'P-256', x: 'eA', y: 'eQ' }] }, maxAge: 600 }))
  const answer = await at.keys.keys(uri)
  assert.ok(!answer.ok)
  assert.match(answer.failure.problem, /keys\[0\]\.x/)
})

function given(answer: () => Awaited<ReturnType<FetchJson>>): {
  readonly keys: RegisteredKeys
  readonly clock: FixedClock
  asked(): number
} {
  const clock = fixedClock()
  let count = 0
  const keys = createRegisteredKeys(() => {
    count++
    return Promise.resolve(answer())
  }, clock)
  return { keys, clock, asked: () => count }
}

async function kids(keys: RegisteredKeys, how: 'keys' | 'keysAfresh' = 'keys'): Promise<readonly unknown[]> {
  const answer = await keys[how](uri)
  assert.ok(answer.ok)
  return answer.value.keys.map(({ kid }) => kid)
}
