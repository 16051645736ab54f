import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { fail, ok } from '@holdfast/x509'
import fc from 'fast-check'
import { structuredByteSequence, structuredByteSequenceList } from './structured-byte-sequence.ts'

const vectors =
  process.env['HOLDFAST_VECTORS'] ?? join(import.meta.dirname, '..', '..', '..', '..', '..', 'shared', 'vectors')
const folder = join(vectors, 'structured-fields')
const skip = existsSync(folder) ? false : `no vectors in ${folder}`

interface Case {
  readonly name: string
  readonly raw: readonly string[]
  readonly header_type: string
  readonly must_fail?: boolean
  readonly can_fail?: boolean
  readonly expected?: unknown
}

test('byte sequences of the structured field suite are read as it says', { skip }, () => {
  let checked = 0
  for (const { name, raw, must_fail: mustFail, can_fail: canFail, expected } of cases('binary.json')) {
    const value = structuredByteSequence(raw.join(', '))
    if (mustFail === true) assert.equal(value.ok, false, name)
    else if (value.ok) assert.equal(base32(value.value), binaryOf(expected), name)
    else assert.equal(canFail, true, name)
    checked++
  }
  assert.ok(checked > 10)
})

test('lists of the suite are read when they hold byte sequences only, and refused otherwise', { skip }, () => {
  let checked = 0
  for (const file of ['list.json', 'listlist.json', 'param-list.json']) {
    for (const { name, raw, must_fail: mustFail, expected } of cases(file)) {
      // Lists about numbers and tokens become lists of byte sequences, which keeps everything that is a list's grammar.
      const line = raw.join(', ')
      const translated = line.replace(/\d+/g, ':YQ==:')
      const pure = /^[\d, \t]*$/.test(line)
      const list = structuredByteSequenceList(translated, 100)
      if (mustFail === true || !pure) assert.equal(list.ok, false, `${file}: ${name}`)
      else assert.equal(list.ok && list.value.length, (expected as unknown[]).length, `${file}: ${name}`)
      checked++
    }
  }
  assert.ok(checked > 30)
})

test('bytes written as RFC 9440 says come back', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 5 }), (members) => {
      const written = members.map((bytes) => `:${Buffer.from(bytes).toString('base64')}:`)
      assert.deepEqual(plain(structuredByteSequence(written[0] ?? '')), ok([...(members[0] ?? [])]))
      const list = structuredByteSequenceList(written.join(' ,\t'), 5)
      assert.deepEqual(
        list.ok && list.value.map((bytes) => [...bytes]),
        members.map((bytes) => [...bytes]),
      )
    }),
  )
})

test('parameters, other alphabets, missing padding and set padding bits are refused', () => {
  for (const text of [
    'YQ==',
    ':YQ==',
    'YQ==:',
    ':YQ==:;a=1',
    ':YQ==:, :YQ==:',
    ':YQ:',
    ':YR==:',
    ':_w==:',
    ':YQ== :',
    '"a"',
  ]) {
    assert.equal(structuredByteSequence(text).ok, false, text)
  }
  assert.deepEqual(structuredByteSequenceList(':YQ==:, :YQ==:', 1), fail('too_many_certificates'))
})

function cases(file: string): Case[] {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as Case[]
}

function binaryOf(expected: unknown): string {
  return (expected as [{ value: string }])[0].value
}

function plain(result: ReturnType<typeof structuredByteSequence>): unknown {
  return result.ok ? ok([...result.value]) : result
}

/** The suite writes expected bytes in base32. */
function base32(bytes: Uint8Array): string {
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  const text = (bits.match(/.{1,5}/g) ?? []).map(
    (five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[parseInt(five.padEnd(5, '0'), 2)],
  )
  return text.join('').padEnd(Math.ceil(text.length / 8) * 8, '=')
}
