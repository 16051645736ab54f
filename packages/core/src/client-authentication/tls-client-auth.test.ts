import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseCertificate } from '@holdfast/x509'
import { createSelfSignedCertificate, type TestCertificateOptions } from '@holdfast/testkit'
import { certificateIdentity } from '../client-certificate/certificate-identity.ts'
import type { TrustedCertificate } from '../client-certificate/trusted-certificate.ts'
import { MetadataProblems } from '../client-registration/metadata-problem.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import { tlsClientAuthSubject } from '../client-registration/tls-client-auth-subject.ts'
import { tlsClientAuth } from './tls-client-auth.ts'

/** What the certificate names does not depend on who signed it: a self-signed one with the proof of trust will do. */
function trusted(options: TestCertificateOptions): TrustedCertificate {
  const { der, thumbprint } = createSelfSignedCertificate({ commonName: 'x', ...options })
  const certificate = parseCertificate(der)
  assert.ok(certificate.ok, JSON.stringify(certificate))
  const identity = certificateIdentity(certificate.value)
  return { certificate: certificate.value, thumbprint, trust: 'partners', identity } as unknown as TrustedCertificate
}

function clientExpecting(member: string, value: string): RegisteredClient<'tls_client_auth'> {
  const problems = new MetadataProblems()
  const subject = tlsClientAuthSubject(new Map([[member, value]]), problems)
  assert.ok(subject, JSON.stringify(problems.found))
  return {
    clientId: 'acme',
    authentication: { method: 'tls_client_auth', trust: 'partners', subject },
  } as unknown as RegisteredClient<'tls_client_auth'>
}

const dn = 'tls_client_auth_subject_dn'
const dns = 'tls_client_auth_san_dns'
const uri = 'tls_client_auth_san_uri'
const ip = 'tls_client_auth_san_ip'
const email = 'tls_client_auth_san_email'

const utf8 = (text: string): Uint8Array => Uint8Array.from([0x0c, Buffer.byteLength(text), ...Buffer.from(text)])

const cases: readonly (readonly [rule: string, member: string, value: string, TestCertificateOptions, 'yes' | 'no'])[] =
  [
    [
      'RFC8705-M6 attribute types by name or OID, blanks and case do not matter',
      dn,
      'cn = ACME  gateway,o=Acme',
      { subject: 'CN=Acme Gateway,O=acme' },
      'yes',
    ],
    [
      'RFC8705-M6 a type written as OID is the same type',
      dn,
      '2.5.4.3=acme,O=Acme',
      { subject: 'CN=acme,O=Acme' },
      'yes',
    ],
    ['RFC8705-M6 the order of RDNs matters', dn, 'O=Acme,CN=acme', { subject: 'CN=acme,O=Acme' }, 'no'],
    [
      'RFC8705-M6 the order within a multi-valued RDN does not',
      dn,
      'OU=x+CN=acme,O=Acme',
      { subject: 'CN=acme+OU=x,O=Acme' },
      'yes',
    ],
    ['RFC8705-M6 one RDN with two attributes is not two RDNs', dn, 'CN=acme,OU=x', { subject: 'CN=acme+OU=x' }, 'no'],
    ['RFC8705-M6 a name with more RDNs is another name', dn, 'CN=acme', { subject: 'CN=acme,O=Acme' }, 'no'],
    [
      'RFC8705-M6 a name that only begins like the expected one is another name',
      dn,
      'CN=acme',
      { subject: 'OU=x,CN=acme' },
      'no',
    ],
    [
      'RFC8705-M6 a value that holds the text of another name is only a value',
      dn,
      'CN=acme,O=Acme',
      { subject: 'CN=acme\\,O\\=Acme' },
      'no',
    ],
    ['RFC8705-M6 an escaped comma is a comma', dn, 'CN=acme\\2C inc', { subject: 'CN=acme\\, inc' }, 'yes'],
    ['RFC8705-M6 a value that begins with # is not its hex', dn, 'CN=\\#61', { subject: 'CN=a' }, 'no'],
    [
      'RFC8705-M9 a dNSName is compared without regard to case',
      dns,
      'ACME.example',
      { san: { dns: ['other.example', 'acme.EXAMPLE'] } },
      'yes',
    ],
    [
      'RFC8705-M9 another dNSName does not match',
      dns,
      'acme.example',
      { san: { dns: ['acme.example.evil.test', 'xacme.example'] } },
      'no',
    ],
    [
      'RFC8705-M9 a wildcard in the certificate never matches',
      dns,
      'acme.example',
      { san: { dns: ['*.example'] } },
      'no',
    ],
    [
      'RFC8705-M9 a common name does not stand in for a dNSName',
      dns,
      'acme.example',
      { commonName: 'acme.example' },
      'no',
    ],
    [
      'RFC8705-M9 a dNSName in a URI or an e-mail address is not one',
      dns,
      'acme.example',
      { san: { uri: ['https://acme.example'], email: ['x@acme.example'] } },
      'no',
    ],
    [
      'RFC8705-M9 a URI that holds the text of a dNSName entry is only a URI',
      dns,
      'victim.example',
      { san: { uri: ['https://evil.example/, DNS:victim.example'] } },
      'no',
    ],
    [
      'RFC8705-M9 an otherName that holds the name is not a dNSName',
      dns,
      'victim.example',
      { san: { other: [{ oid: '1.2.3', value: utf8('victim.example') }] } },
      'no',
    ],
    [
      'RFC8705-M9 a URI is compared character by character',
      uri,
      'spiffe://acme.example/a',
      { san: { uri: ['spiffe://acme.example/a'] } },
      'yes',
    ],
    [
      'RFC8705-M9 a URI in another case is another URI',
      uri,
      'spiffe://acme.example/a',
      { san: { uri: ['spiffe://acme.example/A', 'spiffe://acme.example/a/'] } },
      'no',
    ],
    [
      'RFC8705-M9 an IPv6 address is compared as octets',
      ip,
      '2001:DB8:0::0:7',
      { san: { ip: ['2001:db8::7'] } },
      'yes',
    ],
    ['RFC8705-M9 an IPv4 address', ip, '192.0.2.7', { san: { ip: ['192.0.2.6', '192.0.2.7'] } }, 'yes'],
    [
      'RFC8705-M9 four octets are not the address that begins with them',
      ip,
      '2001:db8::7',
      { san: { ip: ['32.1.13.184'] } },
      'no',
    ],
    [
      'RFC8705-M9 an IPv4-mapped address is another address',
      ip,
      '192.0.2.7',
      { san: { ip: ['::ffff:192.0.2.7'] } },
      'no',
    ],
    [
      'RFC8705-M9 an address written as dNSName is not an iPAddress',
      ip,
      '192.0.2.7',
      { san: { dns: ['192.0.2.7'] } },
      'no',
    ],
    [
      'RFC8705-M9 the host of an e-mail address is compared without regard to case',
      email,
      'ops@ACME.example',
      { san: { email: ['ops@acme.EXAMPLE'] } },
      'yes',
    ],
    [
      'RFC8705-M9 the local part of an e-mail address is not',
      email,
      'ops@acme.example',
      { san: { email: ['Ops@acme.example'] } },
      'no',
    ],
    [
      'RFC8705-M9 an e-mail attribute of the subject is not a rfc822Name',
      email,
      'ops@acme.example',
      { subject: '1.2.840.113549.1.9.1=#16106f70734061636d652e6578616d706c65' },
      'no',
    ],
  ]

describe('tlsClientAuth', () => {
  for (const [rule, member, value, options, match] of cases) {
    test(`${rule}: ${match === 'yes' ? 'accepted' : 'refused'}`, () => {
      const result = tlsClientAuth(clientExpecting(member, value), { certificate: trusted(options) })
      assert.equal(result.ok, match === 'yes', JSON.stringify(result))
      if (!result.ok) assert.equal(result.failure.reason, 'certificate_subject_mismatch')
    })
  }

  test('RFC8705-M5 a refusal names what was expected and what came, of that kind', () => {
    const certificate = trusted({
      subject: 'CN=other',
      san: { dns: ['b.example', 'c.example'], uri: ['https://d.example'] },
    })
    assert.deepEqual(tlsClientAuth(clientExpecting(dns, 'a.example'), { certificate }), {
      ok: false,
      failure: {
        reason: 'certificate_subject_mismatch',
        expected: { kind: 'san_dns', value: 'a.example' },
        presented: ['b.example', 'c.example'],
      },
    })
    assert.deepEqual(tlsClientAuth(clientExpecting(dn, 'CN=acme'), { certificate }), {
      ok: false,
      failure: {
        reason: 'certificate_subject_mismatch',
        expected: { kind: 'subject_dn', value: 'CN=acme' },
        presented: ['CN=other'],
      },
    })
  })

  test('a certificate that another trust profile vouches for is a bug of ours, not evidence', () => {
    const certificate = { ...trusted({ san: { dns: ['a.example'] } }), trust: 'strangers' } as TrustedCertificate
    assert.throws(() => tlsClientAuth(clientExpecting(dns, 'a.example'), { certificate }))
  })
})
