import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createTestAuthority, temporaryDirectory } from '@holdfast/testkit'
import fc from 'fast-check'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import { encodeOcspRequest } from '../revocation/encode-ocsp-request.ts'
import { isAboutIssuer, parseOcspRequest } from './parse-ocsp-request.ts'

const authority = createTestAuthority({ intermediate: 'no' })
const namesake = certificate(createTestAuthority({ intermediate: 'no' }).rootDer)
const root = certificate(authority.rootDer)
const leafOne = authority.issue({ serialNumber: Uint8Array.of(0xfe, 1) })
const leaf = certificate(leafOne.der)

test('a request of our own is read with serial number and nonce, and is about exactly its issuer', () => {
  const parsed = parseOcspRequest(encodeOcspRequest(leaf, root, Uint8Array.of(7, 8, 9)))
  assert.ok(parsed.ok)
  const [requested, ...others] = parsed.value.requests
  assert.ok(requested !== undefined)
  assert.equal(others.length, 0)
  assert.deepEqual([...requested.serialNumber], [0, 0xfe, 1])
  assert.deepEqual([...(parsed.value.nonce ?? [])], [7, 8, 9])
  assert.equal(isAboutIssuer(requested, root), true)
  assert.equal(isAboutIssuer(requested, namesake), false)
})

test('requests of OpenSSL are read: several certificates, SHA-1 and SHA-256, signed, with and without nonce', async () => {
  const directory = await temporaryDirectory({ after })
  const two = authority.issue({ serialNumber: Uint8Array.of(2) })
  for (const [name, text] of Object.entries({
    root: authority.rootPem,
    one: leafOne.pem,
    two: two.pem,
    key: two.keyPem,
  })) {
    writeFileSync(join(directory, `${name}.pem`), text)
  }
  const request = (...options: string[]): ReturnType<typeof parseOcspRequest> => {
    execFileSync('openssl', ['ocsp', '-issuer', 'root.pem', ...options, '-reqout', 'request.der'], { cwd: directory })
    return parseOcspRequest(new Uint8Array(readFileSync(join(directory, 'request.der'))))
  }
  const several = request('-cert', 'one.pem', '-sha256', '-cert', 'two.pem')
  assert.ok(several.ok, JSON.stringify(several))
  assert.deepEqual(
    several.value.requests.map(({ serialNumber }) => serialNumber.at(-1)),
    [1, 2],
  )
  assert.ok(several.value.requests.every((requested) => isAboutIssuer(requested, root)))
  assert.equal(new Set(several.value.requests.map(({ digest }) => digest)).size, 2)
  assert.equal(several.value.nonce?.length, 16)
  const signed = request('-cert', 'one.pem', '-no_nonce', '-signer', 'two.pem', '-signkey', 'key.pem')
  assert.ok(signed.ok, JSON.stringify(signed))
  assert.equal(signed.value.nonce, undefined)
})

test('octets that are no request are refused, and never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      assert.equal(parseOcspRequest(octets).ok, false)
    }),
  )
})

test('a request with one octet changed, cut off or added is read or refused, and never throws', () => {
  const valid = encodeOcspRequest(leaf, root, Uint8Array.of(7, 8, 9))
  fc.assert(
    fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, octet) => {
      const changed = Uint8Array.from(valid)
      changed[at] = octet
      parseOcspRequest(changed)
      assert.equal(parseOcspRequest(valid.subarray(0, at)).ok, false)
      assert.equal(parseOcspRequest(Uint8Array.of(...valid, octet)).ok, false)
    }),
  )
})

test('a request above 16 KiB is refused unread', () => {
  const parsed = parseOcspRequest(new Uint8Array(16_385))
  assert.deepEqual(parsed, {
    ok: false,
    failure: { part: 'request_too_large', reason: 'too_many_elements', offset: 0 },
  })
})

function certificate(der: Uint8Array): Parameters<typeof isAboutIssuer>[1] {
  const parsed = parseCertificate(der)
  assert.ok(parsed.ok)
  return parsed.value
}
