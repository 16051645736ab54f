import assert from 'node:assert/strict'
import test from 'node:test'
import type { PresentedCertificate } from '@holdfast/core'
import { createSelfSignedCertificate, createTestAuthority } from '@holdfast/testkit'
import { certificateHeaderSettings } from '../certificate-header-settings.ts'
import { certificateHeaderReader } from './certificate-header-reader.ts'
import type { CertificateHeaderReader } from './certificate-header-reader.ts'

const regular = createTestAuthority().issue({ commonName: 'regular' })
const newcomer = createSelfSignedCertificate()
const value = (der: Uint8Array): string => `:${Buffer.from(der).toString('base64')}:`

function reader(memory: 'one' | 'vouched_apart'): CertificateHeaderReader {
  return certificateHeaderReader(certificateHeaderSettings({ from: 'rfc9440' }, ''), memory)
}

function read(from: CertificateHeaderReader, text: string): PresentedCertificate {
  // A new string each time, as headers of requests are.
  const fresh = Buffer.from(text).toString()
  const reading = from.read({ certificate: fresh, chain: undefined, verdict: undefined })
  assert.ok(reading.ok && reading.value.certificate !== undefined)
  return reading.value.certificate
}

/** As many certificates as anybody can make: what a decoder takes need not be one that was ever signed. */
function flood(from: CertificateHeaderReader, count: number): void {
  for (let index = 0; index < count; index++) {
    const der = Buffer.from(newcomer.der)
    der.writeUInt32BE(index, der.length - 4)
    read(from, value(der))
  }
}

test('who was vouched for is remembered whatever strangers send; who was not is pushed out by them', () => {
  const apart = reader('vouched_apart')
  const first = read(apart, value(regular.der))
  assert.equal(read(apart, value(regular.der)), first, 'remembered before anybody vouched')
  apart.vouchFor(first)
  const stranger = read(apart, value(newcomer.der))
  flood(apart, 10_000)
  assert.equal(read(apart, value(regular.der)), first)
  assert.notEqual(read(apart, value(newcomer.der)), stranger)
})

test('one memory for all is flushed by a flood, which is why there are two', () => {
  const one = reader('one')
  const first = read(one, value(regular.der))
  one.vouchFor(first)
  flood(one, 10_000)
  assert.notEqual(read(one, value(regular.der)), first)
})

test('vouching comes too late for what was forgotten, and does nothing for a certificate of elsewhere', () => {
  const apart = reader('vouched_apart')
  const early = read(apart, value(regular.der))
  flood(apart, 2_000)
  apart.vouchFor(early)
  apart.vouchFor(read(reader('vouched_apart'), value(regular.der)))
  const again = read(apart, value(regular.der))
  assert.notEqual(again, early)
  apart.vouchFor(again)
  flood(apart, 2_000)
  assert.equal(read(apart, value(regular.der)), again)
})
