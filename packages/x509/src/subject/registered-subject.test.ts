import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import type { Certificate } from '../certificate/certificate.ts'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import {
  isSubjectAttribute,
  ORGANIZATION_IDENTIFIER,
  readRegisteredSubject,
  registeredTextOf,
} from './registered-subject.ts'

const authority = createTestAuthority()
const certificate = withSubject('CN=tpp.example.org,OU=a+L=b,O=Bank\\, N.A.,C=GB')

test('the reading shows the name as a certificate has it', () => {
  const subject = readRegisteredSubject('cn=x+ou=y,O=z,1.2.3=#0500')
  assert.ok(subject.ok)
  assert.deepEqual(
    subject.value.reading.map((rdn) => rdn.map(({ label, value }) => `${label}=${value}`)),
    [['1.2.3=#0500'], ['O=z'], ['CN=x', 'OU=y']],
  )
  assert.deepEqual(subject.value.warnings, [])
})

test('with the certificate at hand a reversed name is recognised, and the text to register handed back', () => {
  const subject = readRegisteredSubject('C=GB,O=Bank\\, N.A.,OU=a+L=b,CN=tpp.example.org', certificate)
  assert.ok(subject.ok)
  const [warning] = subject.value.warnings
  assert.equal(warning?.reason, 'order_reversed')
  const again = readRegisteredSubject(warning.suggestion, certificate)
  assert.deepEqual(again.ok && again.value.warnings, [])
})

test('without a certificate a name that begins with a country and ends with a person looks reversed', () => {
  const subject = readRegisteredSubject('C=GB,O=Bank,CN=tpp')
  assert.deepEqual(subject.ok && subject.value.warnings, [
    { reason: 'order_looks_reversed', suggestion: 'CN=tpp,O=Bank,C=GB' },
  ])
  for (const usual of ['CN=tpp,O=Bank,C=GB', 'UID=jdoe,DC=example,DC=org', 'CN=x', 'O=x,C=GB']) {
    const read = readRegisteredSubject(usual)
    assert.deepEqual(read.ok && read.value.warnings, [], usual)
  }
})

test('another subject is said to be another, with what the certificate has', () => {
  const subject = readRegisteredSubject('CN=other', certificate)
  assert.equal(subject.ok && subject.value.warnings[0]?.reason, 'subject_differs')
})

test('the name can be taken from an uploaded certificate', () => {
  const text = registeredTextOf(certificate)
  assert.ok(text !== undefined)
  const subject = readRegisteredSubject(text, certificate)
  assert.deepEqual(subject.ok && subject.value.warnings, [])
})

const brazilian =
  'UID=10b41b0f-bf2c-4b1b-b1b0-000000000001,jurisdictionC=BR,businessCategory=Private Organization,' +
  'serialNumber=43142666000197,CN=tpp.example.com.br,organizationIdentifier=OFBBR-d7384bd0-842f-43c5-be02-9d2b2d5efc2c,' +
  'O=Banco Exemplo,L=Brasilia,ST=DF,C=BR'

test('Open Finance Brasil: attributes that its profile writes as OID=#hex are named, and with the certificate the text of the profile is handed back', () => {
  const bank = withSubject(brazilian)
  const subject = readRegisteredSubject(brazilian, bank)
  const [warning, ...further] = subject.ok ? subject.value.warnings : []
  assert.deepEqual(further, [])
  assert.equal(warning?.reason, 'brazil_attribute_form')
  assert.deepEqual(warning.attributes, ['jurisdictionC', 'businessCategory', 'serialNumber', 'organizationIdentifier'])
  assert.match(warning.suggestion ?? '', /^UID=10b41b0f-.+,1\.3\.6\.1\.4\.1\.311\.60\.2\.1\.3=#13024252,2\.5\.4\.15=#/)
  const again = readRegisteredSubject(warning.suggestion ?? '', bank)
  assert.deepEqual(again.ok && again.value.warnings, [])
  const without = readRegisteredSubject(brazilian)
  assert.deepEqual(without.ok && without.value.warnings, [{ ...warning, suggestion: undefined }])
})

test('Open Finance Brasil: a name without software_id or org_id is told', () => {
  const subject = readRegisteredSubject('1.3.6.1.4.1.311.60.2.1.3=#13024252,CN=tpp.example.com.br,O=Banco,C=BR')
  assert.deepEqual(subject.ok && subject.value.warnings, [
    { reason: 'brazil_attribute_missing', attributes: ['UID', 'organizationIdentifier'] },
  ])
  for (const other of ['CN=x,C=BR', 'serialNumber=1,organizationIdentifier=PSDGB-FCA-1,C=GB']) {
    const read = readRegisteredSubject(other)
    assert.deepEqual(read.ok && read.value.warnings, [], other)
  }
})

test('Open Finance Brasil: a value that spells an attribute is only a value', () => {
  const subject = readRegisteredSubject('UID=x\\,serialNumber\\=1,2.5.4.97=OFBBR-1,C=BR')
  assert.deepEqual(subject.ok && subject.value.warnings, [])
})

test('the order is judged by Brazilian names, too', () => {
  const reversed = readRegisteredSubject('C=BR,2.5.4.97=OFBBR-1,UID=x')
  assert.deepEqual(reversed.ok && reversed.value.warnings.map(({ reason }) => reason), ['order_looks_reversed'])
})

test('an empty or blank name cannot be registered', () => {
  for (const text of ['', '  ']) {
    const subject = readRegisteredSubject(text)
    assert.equal(subject.ok ? 'accepted' : subject.failure.reason, 'name_empty')
  }
})

test('a single attribute matches by its value, when it stands in the subject once', () => {
  const bank = withSubject('CN=x,organizationIdentifier=PSDGB-FCA-123456,C=GB')
  assert.equal(isSubjectAttribute(bank, ORGANIZATION_IDENTIFIER, 'psdgb-fca-123456'), true)
  assert.equal(isSubjectAttribute(bank, ORGANIZATION_IDENTIFIER, 'PSDGB-FCA-12345'), false)
  assert.equal(isSubjectAttribute(bank, '2.5.4.3', 'PSDGB-FCA-123456'), false)
  const twice = withSubject('organizationIdentifier=PSDGB-FCA-1,organizationIdentifier=PSDGB-FCA-2')
  assert.equal(isSubjectAttribute(twice, ORGANIZATION_IDENTIFIER, 'PSDGB-FCA-1'), false)
  assert.equal(isSubjectAttribute(withSubject('CN=x'), ORGANIZATION_IDENTIFIER, ''), false)
})

test('CVE-2026-22747, -47838: no value can pass for another name', () => {
  const victim = readRegisteredSubject('CN=admin,O=Good')
  assert.ok(victim.ok)
  for (const crafted of [
    'admin,O=Good',
    'admin+O=Good',
    'admin\\,O=Good',
    'admin\nO=Good',
    'admin" ,O=Good',
    'admin#',
    '=admin',
    'CN=admin',
  ]) {
    const subject = [
      { type: 'O', value: 'Good' },
      { type: 'CN', value: crafted },
    ]
    const single = [{ type: 'CN', value: crafted }]
    for (const name of [subject, single]) {
      const evil = read(authority.issue({ subject: name }).der)
      assert.notEqual(evil.subject.canonical, victim.value.name.canonical, crafted)
    }
  }
})

function withSubject(subject: string): Certificate {
  return read(authority.issue({ subject }).der)
}

function read(der: Uint8Array): Certificate {
  const parsed = parseCertificate(der)
  assert.ok(parsed.ok)
  return parsed.value
}
