import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { certificatePem, createTestAuthority, spkiOf, temporaryDirectory } from '@holdfast/testkit'
import { encodePem } from '../pem.ts'
import {
  authorityKeyIdentifierExtension,
  certificateIssuerExtension,
  freshestCrlExtension,
  invalidityDateExtension,
  issuingDistributionPointExtension,
  keyIdentifierOf,
} from './certificate-extension.ts'
import { type CertificateListTemplate, issueCertificateList } from './issue-certificate-list.ts'

const authority = createTestAuthority({ intermediate: 'no' })
const revokedLeaf = authority.issue({ commonName: 'revoked', serialNumber: Uint8Array.of(0xfe, 1) })
const goodLeaf = authority.issue({ commonName: 'good', serialNumber: Uint8Array.of(0xfe, 2) })
const signer = { privateKey: authority.root.key, issuer: authority.root.subject }
const thisUpdate = Date.UTC(2026, 0, 1) / 1000
const template: CertificateListTemplate = {
  thisUpdate,
  nextUpdate: thisUpdate + 20 * 366 * 86_400,
  number: 7,
  revoked: [{ serialNumber: Uint8Array.of(0xfe, 1), revokedAt: thisUpdate - 60, reason: 'keyCompromise' }],
  extensions: [authorityKeyIdentifierExtension({ keyIdentifier: keyIdentifierOf(spkiOf(authority.root.key)) })],
}

const directory = await temporaryDirectory({ after })
writeFileSync(join(directory, 'root.pem'), authority.rootPem)

test('OpenSSL accepts the signature of a CRL and refuses exactly the certificate that it names', () => {
  writeFileSync(join(directory, 'list.pem'), encodePem(issueCertificateList(template, signer), 'X509 CRL'))
  writeFileSync(join(directory, 'revoked.pem'), certificatePem(revokedLeaf.der))
  writeFileSync(join(directory, 'good.pem'), certificatePem(goodLeaf.der))
  const verify = (leaf: string): string =>
    openssl('verify', '-x509_strict', '-crl_check', '-CAfile', 'root.pem', '-CRLfile', 'list.pem', leaf)
  assert.match(openssl('crl', '-in', 'list.pem', '-CAfile', 'root.pem', '-noout', '-verify'), /verify OK/)
  assert.match(verify('revoked.pem'), /certificate revoked/)
  assert.match(verify('good.pem'), /good\.pem: OK/)
})

test('OpenSSL reads numbers, reasons and every extension of a CRL as written', () => {
  const text = crlText({
    ...template,
    baseNumber: 5,
    revoked: [
      {
        serialNumber: Uint8Array.of(1),
        revokedAt: thisUpdate,
        reason: 'privilegeWithdrawn',
        extensions: [
          invalidityDateExtension(thisUpdate - 3600),
          certificateIssuerExtension([{ kind: 'directory', name: [{ type: 'CN', value: 'Other' }] }]),
        ],
      },
    ],
    extensions: [
      issuingDistributionPointExtension({
        fullName: [{ kind: 'uri', uri: 'http://ca.example/a.crl' }],
        onlyContains: 'user-certificates',
        onlySomeReasons: ['keyCompromise', 'superseded'],
        indirect: true,
      }),
      freshestCrlExtension([{ fullName: [{ kind: 'uri', uri: 'http://ca.example/d.crl' }] }]),
    ],
  })
  for (const expected of [
    'Version 2 (0x1)',
    'Last Update: Jan 1 00:00:00 2026 GMT',
    'X509v3 CRL Number: 7',
    'X509v3 Delta CRL Indicator: critical 5',
    'X509v3 Issuing Distribution Point: critical Full Name: URI:http://ca.example/a.crl Only User Certificates ' +
      'Indirect CRL Only Some Reasons: Key Compromise, Superseded',
    'X509v3 Freshest CRL: Full Name: URI:http://ca.example/d.crl',
    'Serial Number: 01 Revocation Date: Jan 1 00:00:00 2026 GMT CRL entry extensions: X509v3 CRL Reason Code: ' +
      'Privilege Withdrawn Invalidity Date: Dec 31 23:00:00 2025 GMT X509v3 Certificate Issuer: critical DirName:/CN=Other',
  ]) {
    assert.ok(text.includes(expected), `${expected}\n not in\n${text}`)
  }
})

test('RFC 5280 §5.1.2.1  a CRL without extensions is of version 1, an empty one has no list of revoked certificates', () => {
  const text = crlText({ thisUpdate, revoked: [] })
  assert.match(text, /Version 1 \(0x0\)/)
  assert.match(text, /Next Update: NONE/)
  assert.match(text, /No Revoked Certificates/)
})

test('an entry extension alone makes a CRL version 2', () => {
  assert.match(
    crlText({ thisUpdate, revoked: [{ serialNumber: Uint8Array.of(1), revokedAt: thisUpdate, reason: 'superseded' }] }),
    /Version 2/,
  )
})

test('a CRL of 200,000 entries is written', () => {
  const revoked = Array.from({ length: 200_000 }, (_, at) => ({
    serialNumber: Uint8Array.of(1, at >> 16, (at >> 8) & 0xff, at & 0xff),
    revokedAt: thisUpdate,
  }))
  const der = issueCertificateList({ ...template, revoked }, signer)
  assert.ok(der.length > revoked.length * 20)
})

function crlText(list: CertificateListTemplate): string {
  writeFileSync(join(directory, 'text.der'), issueCertificateList(list, signer))
  return openssl('crl', '-inform', 'DER', '-in', 'text.der', '-noout', '-text').replace(/\s+/g, ' ')
}

function openssl(...command: string[]): string {
  const { stdout, stderr } = spawnSync('openssl', command, { cwd: directory, encoding: 'utf8' })
  return `${stdout}${stderr}`
}
