import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'

import { fail, jwsAlgorithms, ok } from '@holdfast/core'
import type { Result } from '@holdfast/core'

import { publishedKeySource } from './key-source.ts'
import type { RetrievedKeys } from './key-source.ts'

const start = 1_800_000_000
const jwk = (kid: string): object => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid,
})
const first = { keys: [jwk('one')] }
const second = { keys: [jwk('two')] }

function issuer() {
  const state = { jwks: first as unknown, freshSeconds: undefined as number | undefined, away: false, asked: 0 }
  const retrieve = async (): Promise<Result<RetrievedKeys, { reason: string }>> => {
    state.asked += 1
    await Promise.resolve()
    return state.away ? fail({ reason: 'fetch_failed' }) : ok({ jwks: state.jwks, freshSeconds: state.freshSeconds })
  }
  return { state, source: publishedKeySource(retrieve, jwsAlgorithms) }
}

test('nothing is fetched before it is needed, and then once for all who wait', async () => {
  const { state, source } = issuer()
  assert.equal(source.current(start), undefined)
  assert.equal(state.asked, 0)
  const [one, two] = await Promise.all([source.load(start), source.load(start)])
  assert.equal(state.asked, 1)
  assert.ok(one.ok && two.ok && one.value === two.value)
  assert.equal(source.current(start), one.value)
})

for (const [said, kept] of [
  [undefined, 600],
  [0, 60],
  [120, 120],
  [86_400, 3600],
] as const) {
  test(`fresh for ${said ?? 'an unstated time'}: kept for ${kept} seconds, then refreshed in the background`, async () => {
    const { state, source } = issuer()
    state.freshSeconds = said
    const loaded = await source.load(start)
    assert.ok(loaded.ok)
    assert.equal(source.current(start + kept - 1), loaded.value)
    assert.equal(state.asked, 1)
    state.jwks = second
    assert.equal(source.current(start + kept), loaded.value)
    const refreshed = await source.renew(loaded.value, start + kept)
    assert.equal(state.asked, 2)
    assert.ok(refreshed.ok)
    assert.equal(source.current(start + kept), refreshed.value)
    assert.equal(refreshed.value.keys[0]?.keyId, 'two')
  })
}

test('while the issuer is away the keys stay for an hour, and not longer', async () => {
  const { state, source } = issuer()
  const loaded = await source.load(start)
  assert.ok(loaded.ok)
  state.away = true
  assert.equal(source.current(start + 600 + 3599), loaded.value)
  await source.renew(loaded.value, start + 600 + 3599)
  assert.equal(source.current(start + 600 + 3600), undefined)
  assert.deepEqual(await source.load(start + 600 + 3600), {
    ok: false,
    failure: { reason: 'token_keys_unavailable', cause: { reason: 'fetch_failed' } },
  })
})

test('an issuer that is away is asked again after two seconds, not by every request', async () => {
  const { state, source } = issuer()
  state.away = true
  for (const at of [start, start, start + 1]) assert.equal((await source.load(at)).ok, false)
  assert.equal(state.asked, 1)
  state.away = false
  assert.equal((await source.load(start + 2)).ok, true)
})

test('an unknown key makes the set be fetched again, though at most every half minute', async () => {
  const { state, source } = issuer()
  const loaded = await source.load(start)
  assert.ok(loaded.ok)
  state.jwks = second
  assert.deepEqual(await source.renew(loaded.value, start + 29), loaded)
  assert.equal(state.asked, 1)
  const [one, two] = await Promise.all([source.renew(loaded.value, start + 30), source.renew(loaded.value, start + 30)])
  assert.equal(state.asked, 2)
  assert.ok(one.ok && two.ok && one.value.keys[0]?.keyId === 'two')
})

test('a clock that is set back does not keep keys fresh', async () => {
  const { state, source } = issuer()
  await source.load(start)
  source.current(start - 100_000)
  assert.equal(state.asked, 2)
})

test('what is no JWK Set does not replace the one that is held', async () => {
  const { state, source } = issuer()
  const loaded = await source.load(start)
  assert.ok(loaded.ok)
  state.jwks = { error: 'maintenance' }
  assert.equal((await source.renew(loaded.value, start + 600)).ok, false)
  assert.equal(source.current(start + 600), loaded.value)
})
