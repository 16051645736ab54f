import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryRevokedTokenStore } from '../index.ts'

test('a store that is broken rejects every call without effect, and works again when mended', async () => {
  const store = inMemoryRevokedTokenStore()
  await store.revoke('before', 1)
  store.breakDown(new Error('away'))
  await assert.rejects(store.revoke('during', 1), /away/)
  await assert.rejects(store.isRevoked('before'), /away/)
  store.mend()
  assert.deepEqual([await store.isRevoked('before'), await store.isRevoked('during')], [true, false])
})
