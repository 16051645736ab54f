import assert from 'node:assert/strict'
import { createSecretKey, randomBytes } from 'node:crypto'
import { after, describe, test } from 'node:test'
import type { CompactJwe, SigningKeyStore } from '@holdfast/core'
import { inMemorySigningKeyStore } from '@holdfast/testkit'
import { CompactEncrypt, importJWK } from 'jose'
import { openKeyRing } from './key-ring.ts'
import type { RequestKeys } from './request-keys.ts'
import { openRequestKeys } from './request-keys.ts'

const masterKeys = [createSecretKey(randomBytes(32))]
const opened: { close(): void }[] = []
after(() => opened.forEach((keys) => keys.close()))

interface Stand {
  readonly store: SigningKeyStore
  readonly open: (kind?: 'EC' | 'RSA') => Promise<RequestKeys>
  readonly pass: (seconds: number) => void
  readonly clock: { now(): number }
}

function stand(): Stand {
  let now = 1_800_000_000
  const store = inMemorySigningKeyStore()
  const clock = { now: () => now }
  return {
    store,
    clock,
    pass: (seconds) => void (now += seconds),
    open: async (kind = 'EC') => {
      const keys = await openRequestKeys({
        store,
        clock,
        masterKeys,
        kind,
        rotateEvery: 0,
        publishBefore: 100,
        keepAfter: 1000,
        onProblem: (problem) => assert.fail(String(problem)),
      })
      opened.push(keys)
      return keys
    },
  }
}

async function encrypted(
  jwk: Readonly<Record<string, string>> | undefined,
  alg: string,
  kid?: string,
): Promise<CompactJwe> {
  assert.ok(jwk)
  const enc = 'A256GCM'
  const header = { alg, enc, ...(kid === undefined ? {} : { kid }) }
  const key = await importJWK({ ...jwk }, alg)
  const text = await new CompactEncrypt(Buffer.from('hello')).setProtectedHeader(header).encrypt(key)
  return { text, alg, enc, kid }
}

describe('openRequestKeys', () => {
  test('the first key is made, published without its private part, and opens what is encrypted to it', async () => {
    for (const [kind, algorithms] of [
      ['EC', ['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW']],
      ['RSA', ['RSA-OAEP-256', 'RSA-OAEP']],
    ] as const) {
      const { decrypter, published } = await stand().open(kind)
      const [jwk, ...others] = published()
      assert.deepEqual(others, [])
      assert.deepEqual([jwk?.['use'], jwk?.['d'], jwk?.['alg']], ['enc', undefined, undefined])
      for (const alg of algorithms) {
        assert.deepEqual(await decrypter.decrypt(await encrypted(jwk, alg, jwk?.['kid'])), { ok: true, value: 'hello' })
        assert.deepEqual(await decrypter.decrypt(await encrypted(jwk, alg)), { ok: true, value: 'hello' })
      }
    }
  })

  test('a second process opens with the same key, and finds a newer one by its kid', async () => {
    const { open, pass } = stand()
    const one = await open()
    const other = await open()
    assert.deepEqual(other.published(), one.published())
    await one.rotate()
    const [newest] = one.published()
    pass(2)
    assert.deepEqual(await other.decrypter.decrypt(await encrypted(newest, 'ECDH-ES', newest?.['kid'])), {
      ok: true,
      value: 'hello',
    })
  })

  test('a key that has a successor is published for a while, and opens for longer', async () => {
    const { open, pass } = stand()
    const keys = await open()
    const [old] = keys.published()
    const late = await encrypted(old, 'ECDH-ES', old?.['kid'])
    assert.equal(await keys.rotate(), 'rotated')
    assert.equal(keys.published().length, 2)
    assert.notDeepEqual(keys.published()[0], old)
    pass(101)
    assert.equal(keys.published().length, 1)
    assert.equal((await keys.decrypter.decrypt(late)).ok, true)
    pass(1000)
    assert.deepEqual(await keys.decrypter.decrypt(late), { ok: false, failure: 'key_unknown' })
  })

  test('changed content, a changed tag and a key of ours for another purpose are not opened', async () => {
    const { open, store, clock } = stand()
    const { decrypter, published } = await open()
    const [jwk] = published()
    const jwe = await encrypted(jwk, 'ECDH-ES', jwk?.['kid'])
    const [header, key, iv, content = '', tag = ''] = jwe.text.split('.')
    const turned = (part: string): string => (part.startsWith('A') ? 'B' : 'A') + part.slice(1)
    for (const text of [
      [header, key, iv, turned(content), tag].join('.'),
      [header, key, iv, content, turned(tag)].join('.'),
      [header, key, iv, content, tag.slice(0, 16)].join('.'),
    ]) {
      assert.deepEqual(await decrypter.decrypt({ ...jwe, text }), { ok: false, failure: 'not_decrypted' })
    }
    const ring = await openKeyRing({
      store,
      clock,
      masterKeys,
      algorithm: 'ES256',
      rotateEvery: 0,
      publishBefore: 100,
      keepAfter: 1000,
      onProblem: (problem) => assert.fail(String(problem)),
    })
    opened.push(ring)
    assert.deepEqual(
      ring.records().map(({ algorithm }) => algorithm),
      ['ES256'],
    )
    const signing = ring.records()[0]
    const wrong = await encrypted(signing?.publicJwk, 'ECDH-ES', signing?.kid)
    assert.deepEqual(await decrypter.decrypt(wrong), { ok: false, failure: 'key_unknown' })
  })
})
