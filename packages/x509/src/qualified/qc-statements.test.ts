import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import type { Certificate } from '../certificate/certificate.ts'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import { encodeElement, objectIdentifierOctets } from '../index.ts'
import { qcStatementsExtension } from '../issue/index.ts'
import { organizationIdentifier } from './organization-identifier.ts'
import { qcStatements } from './qc-statements.ts'

const authority = createTestAuthority()
const sequence = (...parts: readonly Uint8Array[]): Uint8Array => encodeElement(0x30, ...parts)
const oid = (text: string): Uint8Array => encodeElement(6, objectIdentifierOctets(text)!)
const utf8 = (text: string): Uint8Array => encodeElement(0x0c, Buffer.from(text))
const role = (number: number, name: string): Uint8Array => sequence(oid(`0.4.0.19495.1.${number}`), utf8(name))
const psd2 = (...roles: readonly Uint8Array[]): Uint8Array =>
  sequence(oid('0.4.0.19495.2'), sequence(sequence(...roles), utf8('Financial Conduct Authority'), utf8('GB-FCA')))
const compliance = sequence(oid('0.4.0.1862.1.1'))
const web = sequence(oid('0.4.0.1862.1.6'), sequence(oid('0.4.0.1862.1.6.3')))

test('a QWAC says what it is, which roles its holder has, and who says so', () => {
  const result = qcStatements(withStatements(compliance, web, psd2(role(2, 'PSP_PI'), role(3, 'PSP_AI'))))
  assert.deepEqual(result, {
    ok: true,
    value: {
      statements: ['0.4.0.1862.1.1', '0.4.0.1862.1.6', '0.4.0.19495.2'],
      compliance: 'eu_qualified',
      types: ['web'],
      psd2: {
        roles: ['PSP_PI', 'PSP_AI'],
        competentAuthorityName: 'Financial Conduct Authority',
        competentAuthorityId: 'GB-FCA',
      },
    },
  })
})

test('what is issued for a QWAC is read back as it was meant', () => {
  const template = {
    compliance: 'not_stated',
    types: ['web', 'eseal'],
    psd2: {
      roles: ['PSP_IC', 'PSP_AS'],
      competentAuthorityName: 'Bundesanstalt für Finanzdienstleistungsaufsicht',
      competentAuthorityId: 'DE-BAFIN',
    },
  } as const
  const certificate = read(authority.issue({ extensions: [qcStatementsExtension(template)] }).der)
  const result = qcStatements(certificate)
  assert.deepEqual(result.ok && result.value, { ...template, statements: ['0.4.0.1862.1.6', '0.4.0.19495.2'] })
})

test('a certificate without qcStatements has none, which is no failure', () => {
  assert.deepEqual(qcStatements(read(authority.issue().der)), { ok: true, value: undefined })
})

for (const [what, statements] of [
  ['a role whose name and identifier differ', [psd2(role(1, 'PSP_PI'))]],
  ['the name of a role under an identifier that is not its own', [psd2(role(9, 'PSP_AI'))]],
  ['a role twice that is not known', [psd2(role(9, 'PSP_XX'), role(9, 'PSP_XX'))]],
  ['a role twice', [psd2(role(1, 'PSP_AS'), role(1, 'PSP_AS'))]],
  ['no role', [psd2()]],
  ['a statement twice', [compliance, compliance]],
  ['something behind a statement', [sequence(oid('0.4.0.1862.1.1'), Uint8Array.of(5, 0), Uint8Array.of(5, 0))]],
] as const) {
  test(`qcStatements with ${what} are refused`, () => {
    assert.equal(qcStatements(withStatements(...statements)).ok, false)
  })
}

for (const [what, roles, expected] of [
  ['an unspecified role gives none', [role(0, 'Unspecified')], []],
  ['a role of a later edition does not take away those beside it', [role(1, 'PSP_AS'), role(9, 'PSP_XX')], ['PSP_AS']],
] as const) {
  test(`${what}, and the rest of the statement counts`, () => {
    const result = qcStatements(withStatements(web, psd2(...roles)))
    assert.deepEqual(result.ok && result.value?.psd2?.roles, expected)
    assert.equal(result.ok && result.value?.psd2?.competentAuthorityId, 'GB-FCA')
  })
}

test('an organization identifier is read into its parts', () => {
  const parts = (value: string): unknown => {
    const identifier = organizationIdentifier(read(authority.issue({ subject: [{ type: '2.5.4.97', value }] }).der))
    return identifier === undefined
      ? undefined
      : [identifier.scheme, identifier.country, identifier.authority, identifier.number]
  }
  assert.deepEqual(parts('PSDGB-FCA-123456'), ['PSD', 'GB', 'FCA', '123456'])
  assert.deepEqual(parts('VATDE-123'), ['VAT', 'DE', undefined, '123'])
  assert.deepEqual(parts('LEIXG-529900T8BM49AURSDO55'), ['LEI', 'XG', undefined, '529900T8BM49AURSDO55'])
  assert.deepEqual(parts('OFBBR-1234'), undefined)
  assert.deepEqual(parts('PSDgb-FCA-1'), undefined)
})

function withStatements(...statements: readonly Uint8Array[]): Certificate {
  return read(
    authority.issue({ extensions: [{ oid: '1.3.6.1.5.5.7.1.3', critical: false, value: sequence(...statements) }] })
      .der,
  )
}

function read(der: Uint8Array): Certificate {
  const parsed = parseCertificate(der)
  assert.ok(parsed.ok)
  return parsed.value
}
