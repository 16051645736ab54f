import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ephemeralMasterKey } from '../keys/master-key.ts'
import { createDpopNonces } from './dpop-nonces.ts'

test('RFC9449-D53 a nonce is good for two minutes at least and four at most, on every node with the key', () => {
  const key = ephemeralMasterKey()
  const nonces = createDpopNonces([key])
  const start = 1_800_000_000
  const nonce = nonces.current(start)
  assert.match(nonce, /^[A-Za-z0-9_-]{43}$/)
  for (const later of [0, 120]) assert.ok(createDpopNonces([key]).accepts(nonce, start + later), String(later))
  assert.ok(!nonces.accepts(nonce, start + 240))
  assert.ok(!nonces.accepts(nonces.current(start + 240), start), 'of the future')
})

test('RFC9449-D53 those of a replaced key still count, those of a stranger and anything else never', () => {
  const [old, present] = [ephemeralMasterKey(), ephemeralMasterKey()]
  const now = 1_800_000_000
  const nonce = createDpopNonces([old]).current(now)
  assert.ok(createDpopNonces([present, old]).accepts(nonce, now))
  assert.ok(!createDpopNonces([present]).accepts(nonce, now))
  for (const text of ['', 'x', 'ä'.repeat(43), nonce.slice(0, -1)])
    assert.ok(!createDpopNonces([old]).accepts(text, now))
})
