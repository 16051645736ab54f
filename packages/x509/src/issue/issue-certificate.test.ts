import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate, createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { createKeyPool, spkiOf } from '@holdfast/testkit'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import {
  type ExtensionTemplate,
  authorityInformationAccessExtension,
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  certificatePoliciesExtension,
  crlDistributionPointsExtension,
  extendedKeyUsageExtension,
  freshestCrlExtension,
  inhibitAnyPolicyExtension,
  keyIdentifierOf,
  issuerAltNameExtension,
  keyUsageExtension,
  nameConstraintsExtension,
  noRevocationAvailableExtension,
  ocspNoCheckExtension,
  policyConstraintsExtension,
  policyMappingsExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from './certificate-extension.ts'
import { derUtf8String } from './der.ts'
import { type CertificateTemplate, issueCertificate } from './issue-certificate.ts'
import type { SignatureScheme } from './signature-writer.ts'

const pool = createKeyPool()
const key = pool.take('ec-p256')
const template: CertificateTemplate = {
  serialNumber: Uint8Array.of(0x9f, 1),
  subject: [
    { type: 'C', value: 'DE' },
    { type: 'O', value: 'Größe & Söhne' },
    [
      { type: 'CN', value: 'a, "b" + c' },
      { type: 'UID', value: '7' },
    ],
    { type: '2.5.4.97', value: 'PSDDE-BAFIN-123456' },
    { type: 'emailAddress', value: 'a@b.example' },
  ],
  notBefore: Date.UTC(2026, 0, 1) / 1000,
  notAfter: Date.UTC(2051, 0, 1) / 1000,
  publicKey: spkiOf(key),
  extensions: [basicConstraintsExtension({ ca: true, pathLength: 3 })],
}
const signer = { privateKey: key, issuer: [{ type: 'CN', value: 'Issuer' }] }

test('a certificate says what its template says, read by Node and by our own parser', () => {
  const der = issueCertificate(template, signer)
  const node = new X509Certificate(der)
  assert.equal(node.serialNumber, '9F01')
  assert.equal(node.issuer, 'CN=Issuer')
  assert.deepEqual([node.validFrom, node.validTo], ['Jan  1 00:00:00 2026 GMT', 'Jan  1 00:00:00 2051 GMT'])
  assert.equal(node.verify(createPublicKey(key)), true)
  const own = parseCertificate(der)
  assert.ok(own.ok)
  assert.equal(own.value.version, 3)
  assert.deepEqual([own.value.notBefore, own.value.notAfter], [template.notBefore, template.notAfter])
  assert.deepEqual(own.value.basicConstraints, { ca: true, pathLength: 3 })
  assert.deepEqual(own.value.publicKey.spki, template.publicKey)
  const subject = execFileSync(
    'openssl',
    ['x509', '-inform', 'DER', '-noout', '-subject', '-nameopt', 'RFC2253,utf8,-esc_msb'],
    {
      input: der,
      encoding: 'utf8',
    },
  )
  assert.equal(
    subject.trim(),
    'subject=emailAddress=a@b.example,organizationIdentifier=PSDDE-BAFIN-123456,' +
      'CN=a\\, \\"b\\" \\+ c+UID=7,O=Größe & Söhne,C=DE',
  )
})

test('a certificate without extensions is of version 1', () => {
  const own = parseCertificate(issueCertificate({ ...template, extensions: [] }, signer))
  assert.ok(own.ok)
  assert.equal(own.value.version, 1)
})

const rsa = pool.take('rsa-2048')
const schemes: readonly (readonly [SignatureScheme, ReturnType<typeof pool.take>])[] = [
  ['rsa-sha1', rsa],
  ['rsa-sha256', rsa],
  ['rsa-sha384', rsa],
  ['rsa-sha512', rsa],
  ['rsa-pss-sha256', rsa],
  ['rsa-pss-sha384', rsa],
  ['rsa-pss-sha512', rsa],
  ['ecdsa-sha1', key],
  ['ecdsa-sha256', key],
  ['ecdsa-sha384', pool.take('ec-p384')],
  ['ecdsa-sha512', pool.take('ec-p521')],
  ['ed25519', pool.take('ed25519')],
  ['ed448', pool.take('ed448')],
]

for (const [scheme, privateKey] of schemes) {
  test(`a certificate signed with ${scheme} verifies under its issuer’s key`, () => {
    const der = issueCertificate(template, { ...signer, privateKey, scheme })
    assert.equal(new X509Certificate(der).verify(createPublicKey(privateKey)), true)
  })
}

test('the default scheme suits the key', () => {
  const oids = schemes
    .filter(([scheme]) => !scheme.endsWith('sha1'))
    .map(([, privateKey]) => new X509Certificate(issueCertificate(template, { ...signer, privateKey })))
    .map((certificate) => certificate.signatureAlgorithm)
  assert.deepEqual(
    new Set(oids),
    new Set([
      'sha256WithRSAEncryption',
      'ecdsa-with-SHA256',
      'ecdsa-with-SHA384',
      'ecdsa-with-SHA512',
      'ED25519',
      'ED448',
    ]),
  )
})

test('a key that cannot sign certificates is a RangeError', () => {
  const { privateKey } = generateKeyPairSync('x25519')
  assert.throws(() => issueCertificate(template, { ...signer, privateKey }), RangeError)
})

const nothing = { kind: 'raw', der: Uint8Array.of(0x82, 0) } as const
const texts: readonly (readonly [string, ExtensionTemplate, string])[] = [
  [
    'basic constraints of a leaf',
    basicConstraintsExtension({ ca: false }),
    'X509v3 Basic Constraints: critical CA:FALSE',
  ],
  [
    'basic constraints of a CA',
    basicConstraintsExtension({ ca: true, pathLength: 0 }),
    'X509v3 Basic Constraints: critical CA:TRUE, pathlen:0',
  ],
  [
    'key usage',
    keyUsageExtension(['digitalSignature', 'keyAgreement', 'decipherOnly']),
    'X509v3 Key Usage: critical Digital Signature, Key Agreement, Decipher Only',
  ],
  [
    'extended key usage',
    extendedKeyUsageExtension(['serverAuth', 'clientAuth', 'OCSPSigning', '1.3.6.1.4.1.99999.1']),
    'X509v3 Extended Key Usage: TLS Web Server Authentication, TLS Web Client Authentication, OCSP Signing, 1.3.6.1.4.1.99999.1',
  ],
  [
    'subject alternative names of every kind',
    subjectAltNameExtension([
      { kind: 'other', oid: '1.3.6.1.4.1.311.20.2.3', value: derUtf8String('user@corp.example') },
      { kind: 'email', email: 'a@b.example' },
      { kind: 'dns', name: 'b.example' },
      { kind: 'directory', name: [{ type: 'CN', value: 'dir' }] },
      { kind: 'uri', uri: 'spiffe://b.example/x' },
      { kind: 'ip', address: Uint8Array.of(192, 0, 2, 1) },
      { kind: 'registered', oid: '1.2.3.4' },
      nothing,
    ]),
    'X509v3 Subject Alternative Name: othername: UPN::user@corp.example, email:a@b.example, DNS:b.example, ' +
      'DirName:/CN=dir, URI:spiffe://b.example/x, IP Address:192.0.2.1, Registered ID:1.2.3.4, DNS:',
  ],
  [
    'a critical subject alternative name',
    subjectAltNameExtension([{ kind: 'dns', name: 'b.example' }], true),
    'X509v3 Subject Alternative Name: critical DNS:b.example',
  ],
  [
    'issuer alternative name',
    issuerAltNameExtension([{ kind: 'dns', name: 'ca.example' }]),
    'X509v3 Issuer Alternative Name: DNS:ca.example',
  ],
  [
    'subject key identifier',
    subjectKeyIdentifierExtension(Uint8Array.of(1, 2, 3)),
    'X509v3 Subject Key Identifier: 01:02:03',
  ],
  [
    'authority key identifier',
    authorityKeyIdentifierExtension({
      keyIdentifier: Uint8Array.of(1, 2, 3),
      issuer: [{ kind: 'directory', name: [{ type: 'CN', value: 'Root' }] }],
      serialNumber: Uint8Array.of(0x7f),
    }),
    'X509v3 Authority Key Identifier: keyid:01:02:03 DirName:/CN=Root serial:7F',
  ],
  [
    'CRL distribution points',
    crlDistributionPointsExtension([
      { fullName: [{ kind: 'uri', uri: 'http://ca.example/a.crl' }] },
      {
        fullName: [{ kind: 'uri', uri: 'http://ca.example/b.crl' }],
        reasons: ['keyCompromise', 'aACompromise'],
        crlIssuer: [{ kind: 'directory', name: [{ type: 'CN', value: 'CRLs' }] }],
      },
    ]),
    'X509v3 CRL Distribution Points: Full Name: URI:http://ca.example/a.crl Full Name: URI:http://ca.example/b.crl ' +
      'Reasons: Key Compromise, AA Compromise CRL Issuer: DirName:CN = CRLs',
  ],
  [
    'freshest CRL',
    freshestCrlExtension([{ fullName: [{ kind: 'uri', uri: 'http://ca.example/d.crl' }] }]),
    'X509v3 Freshest CRL: Full Name: URI:http://ca.example/d.crl',
  ],
  [
    'authority information access',
    authorityInformationAccessExtension({ ocsp: ['http://ocsp.example'], caIssuers: ['http://ca.example/i.cer'] }),
    'Authority Information Access: OCSP - URI:http://ocsp.example CA Issuers - URI:http://ca.example/i.cer',
  ],
  [
    'certificate policies',
    certificatePoliciesExtension(['2.5.29.32.0', { oid: '1.2.3', cps: ['http://cps.example'], notice: 'read this' }]),
    'X509v3 Certificate Policies: Policy: X509v3 Any Policy Policy: 1.2.3 CPS: http://cps.example User Notice: Explicit Text: read this',
  ],
  [
    'policy mappings',
    policyMappingsExtension([{ issuerDomain: '1.2.3', subjectDomain: '1.2.4' }]),
    'X509v3 Policy Mappings: critical 1.2.3:1.2.4',
  ],
  [
    'policy constraints',
    policyConstraintsExtension({ requireExplicitPolicy: 0, inhibitPolicyMapping: 1 }),
    'X509v3 Policy Constraints: critical Require Explicit Policy:0, Inhibit Policy Mapping:1',
  ],
  ['inhibit any policy', inhibitAnyPolicyExtension(2), 'X509v3 Inhibit Any Policy: critical 2'],
  [
    'name constraints',
    nameConstraintsExtension({
      permitted: [
        { kind: 'dns', name: 'b.example' },
        { kind: 'ip', address: Uint8Array.of(192, 0, 2, 0, 255, 255, 255, 0) },
      ],
      excluded: [{ kind: 'email', email: '.evil.example' }],
    }),
    'X509v3 Name Constraints: critical Permitted: DNS:b.example IP:192.0.2.0/255.255.255.0 Excluded: email:.evil.example',
  ],
  ['OCSP no check', ocspNoCheckExtension(), 'OCSP No Check:'],
  [
    'an extension of one’s own',
    { oid: '1.2.3.4.5', critical: true, value: derUtf8String('odd') },
    '1.2.3.4.5: critical ..odd',
  ],
]

for (const [name, extension, expected] of texts) {
  test(`OpenSSL reads ${name} as written`, () => {
    const der = issueCertificate({ ...template, extensions: [extension] }, signer)
    const text = execFileSync('openssl', ['x509', '-inform', 'DER', '-noout', '-text'], {
      input: der,
      encoding: 'utf8',
    })
    const extensions = /X509v3 extensions:\n([^]*?) {4}Signature Algorithm/.exec(text)?.[1] ?? ''
    const shown = extensions.replace(/\s+/g, ' ').trim()
    assert.equal(shown, expected)
  })
}

test('RFC 9608 §3  our own parser reads that there is no revocation information', () => {
  const own = parseCertificate(
    issueCertificate({ ...template, extensions: [noRevocationAvailableExtension()] }, signer),
  )
  assert.ok(own.ok)
  assert.equal(own.value.noRevocationAvailable, true)
})

test('RFC 7093 §2  a key identifier is the leftmost 160 bits of SHA-256 over the key’s bits', () => {
  const spki = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' })
  const expected = createHash('sha256').update(spki.subarray(-32)).digest().subarray(0, 20)
  assert.deepEqual([...keyIdentifierOf(spki)], [...expected])
})

test('text that no IA5String can hold is a RangeError', () => {
  assert.throws(() => subjectAltNameExtension([{ kind: 'dns', name: 'bücher.example' }]), RangeError)
})
