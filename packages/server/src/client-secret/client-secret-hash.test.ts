import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientSecretHash, plainSecretHash } from './client-secret-hash.ts'
import { createSecretVerifier } from './create-secret-verifier.ts'

test('a secret fits the hash that was made of it, and no other', async () => {
  const verifier = createSecretVerifier()
  for (const hash of [await clientSecretHash('correct horse'), plainSecretHash('correct horse')]) {
    assert.equal(await verifier.verify('correct horse', hash), true)
    assert.equal(await verifier.verify('correct horse', hash), true)
    assert.equal(await verifier.verify('correct horse ', hash), false)
    assert.equal(await verifier.verify('', hash), false)
  }
})

test('two hashes of one secret differ, and neither holds it', async () => {
  const hashes = [await clientSecretHash('correct horse'), await clientSecretHash('correct horse')]
  assert.equal(new Set(hashes).size, 2)
  for (const hash of hashes) {
    assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    assert.ok(!hash.includes('correct'))
  }
})

test('a hash of another program is understood, one that asks too much or is none fits nothing', async () => {
  const verifier = createSecretVerifier()
  // argon2 20171227 (Debian): echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -e
  const foreign = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  assert.equal(await verifier.verify('password', foreign), true)
  assert.equal(await verifier.verify('passwort', foreign), false)
  for (const hash of [
    foreign.replace('m=65536', 'm=9999999'),
    foreign.replace('argon2id', 'argon2i'),
    'password',
    '',
  ]) {
    assert.equal(await verifier.verify('password', hash), false, hash)
  }
})

test('an unknown client costs what a wrong secret costs', async () => {
  const verifier = createSecretVerifier()
  const stored = [await clientSecretHash('correct horse'), plainSecretHash('correct horse'), undefined]
  const times = await Promise.all(
    stored.map(async (hash) => (await measure(() => verifier.verify('wrong', hash))).best),
  )
  const least = Math.min(...times)
  // Each is one argon2id of 19 MiB; without it an answer comes in microseconds.
  assert.ok(least > 2, `the quickest took ${least} ms`)
})

async function measure(work: () => unknown): Promise<{ readonly best: number }> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round++) {
    const started = performance.now()
    await work()
    best = Math.min(best, performance.now() - started)
  }
  return { best }
}
