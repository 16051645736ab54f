import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKeyPool, spkiOf } from '@holdfast/testkit'
import fc from 'fast-check'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import { formatDistinguishedName } from '../name/format-distinguished-name.ts'
import { parseDistinguishedName } from '../name/parse-distinguished-name.ts'
import {
  basicConstraintsExtension,
  extendedKeyUsageExtension,
  type KeyUsageName,
  keyUsageExtension,
  subjectAltNameExtension,
} from './certificate-extension.ts'
import type { GeneralNameTemplate } from './general-name-template.ts'
import { issueCertificate } from './issue-certificate.ts'
import type { AttributeTemplate } from './name-template.ts'

const key = createKeyPool().take('ed25519')
const publicKey = spkiOf(key)

const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((value) => value.isWellFormed())
const attribute: fc.Arbitrary<AttributeTemplate> = fc.record({
  type: fc.constantFrom('CN', 'O', 'OU', 'L', 'ST', 'UID', '2.5.4.97'),
  value: text,
})
const name = fc.array(attribute, { minLength: 1, maxLength: 6 })
const ia5 = fc.stringMatching(/^[!-~]{1,40}$/)
const generalName: fc.Arbitrary<GeneralNameTemplate> = fc.oneof(
  fc.domain().map((value) => ({ kind: 'dns' as const, name: value })),
  ia5.map((value) => ({ kind: 'uri' as const, uri: `urn:x:${value}` })),
  ia5.map((value) => ({ kind: 'email' as const, email: `${value.replaceAll('@', '')}x@a.example` })),
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((address) => ({ kind: 'ip' as const, address })),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((address) => ({ kind: 'ip' as const, address })),
)
const usages: readonly KeyUsageName[] = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
]

test('what is issued is what the parser reads: names, serial number, dates, constraints, usages', () => {
  fc.assert(
    fc.property(
      fc.record({
        subject: name,
        issuer: name,
        serialNumber: fc.uint8Array({ minLength: 1, maxLength: 19 }).map((octets) => Uint8Array.of(1, ...octets)),
        notBefore: fc.integer({ min: -631_152_000, max: 253_402_300_799 }),
        notAfter: fc.integer({ min: -631_152_000, max: 253_402_300_799 }),
        names: fc.array(generalName, { minLength: 1, maxLength: 8 }),
        usage: fc.subarray([...usages], { minLength: 1 }),
        pathLength: fc.nat(255),
      }),
      (chosen) => {
        const der = issueCertificate(
          {
            ...chosen,
            publicKey,
            extensions: [
              basicConstraintsExtension({ ca: true, pathLength: chosen.pathLength }),
              keyUsageExtension(chosen.usage),
              extendedKeyUsageExtension(['clientAuth', '2.999.7']),
              subjectAltNameExtension(chosen.names),
            ],
          },
          { privateKey: key, issuer: chosen.issuer },
        )
        const parsed = parseCertificate(der)
        assert.ok(parsed.ok, JSON.stringify(parsed))
        const certificate = parsed.value
        assert.deepEqual(plain(certificate.serialNumber), plain(chosen.serialNumber))
        assert.deepEqual([certificate.notBefore, certificate.notAfter], [chosen.notBefore, chosen.notAfter])
        assert.deepEqual(certificate.basicConstraints, { ca: true, pathLength: chosen.pathLength })
        assert.deepEqual(new Set(certificate.keyUsage), new Set(chosen.usage))
        assert.deepEqual(certificate.extendedKeyUsage, ['1.3.6.1.5.5.7.3.2', '2.999.7'])
        assert.deepEqual(certificate.subjectAltNames.map(plainName), chosen.names.map(plainName))
        assert.deepEqual(
          values(certificate.subject),
          chosen.subject.map(({ value }) => value),
        )
        assert.deepEqual(
          values(certificate.issuer),
          chosen.issuer.map(({ value }) => value),
        )
      },
    ),
  )
})

test('a name that was issued, formatted and parsed again is the same name', () => {
  fc.assert(
    fc.property(name, (subject) => {
      const der = issueCertificate(
        { serialNumber: Uint8Array.of(1), subject, notBefore: 0, notAfter: 1, publicKey, extensions: [] },
        { privateKey: key, issuer: subject },
      )
      const parsed = parseCertificate(der)
      assert.ok(parsed.ok)
      const again = parseDistinguishedName(formatDistinguishedName(parsed.value.subject))
      assert.ok(again.ok, JSON.stringify(again))
      assert.equal(again.value.canonical, parsed.value.subject.canonical)
    }),
  )
})

function values(name: { readonly rdns: readonly (readonly { readonly text?: string | undefined }[])[] }): unknown[] {
  return name.rdns.flatMap((rdn) => rdn.map(({ text }) => text))
}

function plainName(name: object): unknown {
  return Object.fromEntries(
    Object.entries(name).map(([member, value]) => [
      member,
      value instanceof Uint8Array ? plain(value) : (value as unknown),
    ]),
  )
}

function plain(octets: Uint8Array): number[] {
  return [...octets]
}
