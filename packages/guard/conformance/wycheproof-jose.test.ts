import assert from 'node:assert/strict'
import { test } from 'node:test'

import { jwsAlgorithms } from '@holdfast/core'

import { chooseKey, keySet } from '../src/jwk/key-set.ts'
import { compactJws } from '../src/jws/compact-jws.ts'
import { verifyJwsSignature } from '../src/jws/verify-jws-signature.ts'
import { publicPart } from './public-part.ts'
import { missing, vectors } from './vectors.ts'

interface JoseFile {
  readonly testGroups: readonly {
    readonly comment: string
    readonly public?: Record<string, unknown>
    readonly private?: Record<string, unknown>
    readonly tests: readonly { tcId: number; comment: string; jws?: string | object; result: 'valid' | 'invalid' }[]
  }[]
}

// Signature files only; the encryption part of json_web_crypto_test.json has no counterpart here.
const names = ['json_web_signature_test.json', 'json_web_key_test.json', 'json_web_crypto_test.json'] as const

/** What the guard does not accept although it is sound: algorithms that are not on its list. */
const outsideTheList = /^(HS|RS384|RS512|PS384|PS512|ES384|ES512|ES521)/

for (const name of names) {
  const file = vectors<JoseFile>(`wycheproof/${name}`)
  test(`Wycheproof ${name}: accepted is exactly what is valid and on the list`, { skip: missing(file, name) }, (t) => {
    const counts = { accepted: 0, refused: 0 }
    for (const group of file?.testGroups ?? []) {
      const keys = keysOf(group)
      for (const { tcId, comment, jws, result } of group.tests) {
        if (jws === undefined) continue
        const accepted = verifies(typeof jws === 'string' ? jws : JSON.stringify(jws), keys)
        const expected = result === 'valid' && !outsideTheList.test(algorithmOf(jws) ?? '')
        assert.equal(accepted, expected, `${name} ${tcId} (${group.comment}): ${comment}`)
        counts[accepted ? 'accepted' : 'refused'] += 1
      }
    }
    t.diagnostic(`${counts.accepted} accepted, ${counts.refused} refused`)
    assert.ok(counts.accepted > 0)
  })
}

test('Wycheproof, group base64: what is no canonical base64url is refused before any signature is looked at', (t) => {
  const file = vectors<JoseFile>('wycheproof/json_web_signature_test.json')
  if (file === undefined) return t.skip('json_web_signature_test.json is not here')
  const tests = file.testGroups.filter(({ comment }) => comment === 'base64').flatMap((group) => group.tests)
  // Two entries called invalid are, byte for byte, the valid one: their damage got lost when the file was made.
  const intact = tests.find(({ comment }) => comment === 'ValidMac')?.jws
  const spellings = tests.filter(
    ({ comment, jws }) => /spaces|invalid|unused/i.test(comment) && !/^Valid/.test(comment) && jws !== intact,
  )
  assert.equal(spellings.length, 13)
  for (const { tcId, comment, jws } of spellings) {
    assert.equal(compactJws(jws as string).ok, false, `${tcId}: ${comment}`)
  }
})

function keysOf(group: JoseFile['testGroups'][number]): unknown[] {
  const given = group.public ?? group.private ?? {}
  const keys = Array.isArray(given['keys']) ? (given['keys'] as Record<string, unknown>[]) : [given]
  return keys.map(publicPart)
}

function verifies(text: string, keys: unknown[]): boolean {
  const jws = compactJws(text)
  if (!jws.ok) return false
  const set = keySet({ keys }, jwsAlgorithms)
  assert.ok(set.ok)
  const key = chooseKey(set.value, jwsAlgorithms, jws.value.header.algorithm, jws.value.header.keyId)
  return key.ok && verifyJwsSignature(key.value, jws.value.signingInput, jws.value.signature)
}

function algorithmOf(jws: string | object): string | undefined {
  if (typeof jws !== 'string') return undefined
  const header: unknown = JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString())
  return (header as { alg?: string }).alg
}
