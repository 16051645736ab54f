import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DerReader } from '../src/der/der-reader.ts'
import { distinguishedName } from '../src/name/distinguished-name.ts'
import { distinguishedNameMatch } from '../src/name/distinguished-name-match.ts'
import { parseDistinguishedName } from '../src/name/parse-distinguished-name.ts'
import { readVectors } from './vectors.ts'

interface NameVector {
  readonly why: string
  readonly subject_der_hex: string
  readonly registered: string
  readonly expect: 'match' | 'no-match' | 'invalid-registration'
}

const vectors = readVectors('x509/dn-vectors.json') as readonly NameVector[] | undefined

for (const vector of vectors ?? []) {
  test(`registered name vector: ${vector.why}`, () => {
    assert.equal(verdict(vector), vector.expect)
  })
}

function verdict({ subject_der_hex, registered }: NameVector): NameVector['expect'] {
  const der = Buffer.from(subject_der_hex, 'hex')
  const reader = new DerReader(der)
  const subject = distinguishedName(reader, der.length)
  reader.leave(der.length)
  assert.equal(reader.failure, undefined)
  const name = parseDistinguishedName(registered)
  if (!name.ok) return 'invalid-registration'
  return distinguishedNameMatch(name.value, subject) ? 'match' : 'no-match'
}
